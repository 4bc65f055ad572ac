#include "features/expr_names.h"

#include <algorithm>

namespace pawl::features {

namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// "ret(1)[SPY]": who asks for such a column names it as canonical_text() does, or finds none by that name.
bool is_of_another_market(std::string_view name) {
  const std::size_t open = name.find('[');
  return open != std::string_view::npos && open > 0 && name.ends_with(']') &&
         Symbol::parse(name.substr(open + 1, name.size() - open - 2)).has_value();
}

bool is_joined_name(std::string_view name) {
  if (is_of_another_market(name)) return true;
  if (name.empty() || !is_lower(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

std::optional<Column> find_column(std::string_view name) {
  for (std::size_t i = 0; i < kColumnNames.size(); ++i) {
    if (kColumnNames[i] == name) return static_cast<Column>(i);
  }
  return std::nullopt;
}

std::vector<std::string> known_names(std::span<const std::string> joined) {
  std::vector<std::string> names(kColumnNames.begin(), kColumnNames.end());
  for (const FeatureKind& kind : feature_kinds()) names.push_back(kind.name);
  names.insert(names.end(), joined.begin(), joined.end());
  return names;
}

std::string usage(const FeatureKind& kind) {
  std::string words;
  for (int i = 0; i < kind.inputs; ++i) {
    if (!words.empty()) words += ", ";
    // As in definitions: the first is x.
    words += kind.default_input_close ? std::string("[x=close]") : std::string(1, static_cast<char>('x' + i));
  }
  for (const Parameter& parameter : kind.parameters) {
    if (!words.empty()) words += ", ";
    words += fmt::format("[{}={}]", parameter.name, parameter.default_value);
  }
  return words.empty() ? kind.name : fmt::format("{}({})", kind.name, words);
}

Status check_joined_names(std::span<const std::string> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (!is_joined_name(name)) {
      return fail(ErrorCode::bad_config,
                  "outside series \"{}\": a name is lower-case letters, digits and underscores and begins "
                  "with a letter",
                  name);
    }
    if (find_column(name) || find_feature_kind(name) != nullptr) {
      return fail(
          ErrorCode::bad_config,
          "outside series \"{}\": this is the name of a {} already; choose another, such as {}_series", name,
          find_column(name) ? "column of the bars" : "feature kind", name);
    }
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), name) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      return fail(ErrorCode::bad_config, "outside series \"{}\": the name is given twice", name);
    }
  }
  return {};
}

}  // namespace pawl::features
