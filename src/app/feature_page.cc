#include "app/feature_page.h"

#include "app/feature_page_words.h"
#include "base/format.h"

namespace pawl::app {

namespace {

const std::string& text_of(const Json& json, const char* field) {
  return json[field].get_ref<const std::string&>();
}

// What stands in a cell must not end it.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, 1, '\\');
  }
  return text;
}

std::string ranges_text(const Json& parameters) {
  std::string text;
  for (const Json& parameter : parameters) {
    text += fmt::format("{}`{}` {} to {}{}", text.empty() ? "" : "; ", text_of(parameter, "name"),
                        parameter["min"].get<double>(), parameter["max"].get<double>(),
                        parameter["whole"].get<bool>() ? "" : ", fractions too");
  }
  return text;
}

std::string meaning_text(const Json& kind) {
  std::string text = text_of(kind, "help");
  if (!kind["definition"].is_null()) text += fmt::format(" It is `{}`.", text_of(kind, "definition"));
  if (kind["needs_volume"].get<bool>()) text += " Needs volume.";
  if (!kind["computed_with"].empty()) {
    std::vector<std::string> names;
    for (const Json& name : kind["computed_with"])
      names.push_back(fmt::format("`{}`", name.get<std::string>()));
    text += fmt::format(" Computed at once with {}.", fmt::join(names, ", "));
  }
  if (kind["never_missing"].get<bool>()) text += " No gaps.";
  return text;
}

std::string table_row(const Json& kind) {
  const Json& memory = kind["memory_bars"];
  return fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} |\n", text_of(kind, "usage"),
                     cell(meaning_text(kind)), ranges_text(kind["parameters"]), text_of(kind, "unit"),
                     kind["warm_up_bars"].dump(), memory.is_null() ? "for ever" : memory.dump(),
                     text_of(kind, "cost"), cell(text_of(kind, "source")));
}

std::string heading(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

std::string features_page(const Json& kinds) {
  std::string text(features_page_words());
  std::string group;
  for (const Json& kind : kinds) {
    if (text_of(kind, "group") != group) {
      group = text_of(kind, "group");
      text += fmt::format(
          "\n### {}\n\n| kind | meaning | range | unit | first value | memory | cost | source |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- |\n",
          heading(group));
    }
    text += table_row(kind);
  }
  return text;
}

}  // namespace pawl::app
