#include "http/routes/ml_config.h"

#include <algorithm>

namespace pawl::http {

namespace {

constexpr std::string_view kPrefix = "ml_";

const Schema* trades_schema(const std::vector<recipe::SectionSchema>& sections) {
  const auto found =
      std::find_if(sections.begin(), sections.end(), [](const auto& one) { return one.section == "trades"; });
  return found == sections.end() ? nullptr : &found->schema;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Whoever serves a file by that name must not be led elsewhere by it.
Status check_name(const std::string& key, const std::string& name) {
  if (name.find('\\') != std::string::npos || name.find('\0') != std::string::npos ||
      name.find("..") != std::string::npos || name.starts_with('/')) {
    return fail(ErrorCode::bad_data,
                "{}: must be a name below the data folder, without .., \\, or / at its beginning", key);
  }
  return {};
}

}  // namespace

Result<Json> read_ml_config(const store::Store& store) {
  const auto text = store.meta(kMlConfigMeta);
  if (!text) return propagate(text);
  if (!*text) return Json::object();
  auto json = parse_json(**text);
  if (!json || !json->is_object()) {
    return fail(ErrorCode::corrupt, "the saved machine learning configuration is no JSON object");
  }
  return json;
}

Result<std::vector<std::pair<std::string, std::string>>> ml_config_overrides(const store::Store& store) {
  const auto saved = read_ml_config(store);
  if (!saved) return propagate(saved);
  std::vector<std::pair<std::string, std::string>> set;
  for (const auto& [key, value] : saved->items()) set.emplace_back("trades." + key, text_of(value));
  return set;
}

Json ml_config_of(const recipe::Recipe& recipe) {
  Json config = Json::object();
  const auto section = recipe.plain_sections.find("trades");
  if (section == recipe.plain_sections.end()) return config;
  const Json all = section->second.to_json();
  for (const auto& [key, value] : all.items()) {
    if (key.starts_with(kPrefix)) config[key] = value;
  }
  return config;
}

Result<Json> merge_ml_config(const recipe::Recipe& recipe, const Json& saved, const Json& changes) {
  if (!changes.is_object() || changes.empty()) {
    return fail(ErrorCode::bad_data, "body: must be an object with the keys to change");
  }
  const std::vector<recipe::SectionSchema> sections = recipe::section_schemas();
  const Schema* schema = trades_schema(sections);
  Json merged = saved;
  for (const auto& [key, value] : changes.items()) {
    const Setting* setting = key.starts_with(kPrefix) && schema != nullptr ? schema->find(key) : nullptr;
    if (setting == nullptr) {
      std::vector<std::string> known;
      const Json config = ml_config_of(recipe);
      for (const auto& [name, unused] : config.items()) known.push_back(name);
      return fail(ErrorCode::bad_data, "{}: unknown key; there is {}", key, fmt::join(known, ", "));
    }
    const SettingValue& kind = setting->default_value;
    const bool fits = std::holds_alternative<bool>(kind)           ? value.is_boolean()
                      : std::holds_alternative<std::int64_t>(kind) ? value.is_number_integer()
                      : std::holds_alternative<double>(kind)       ? value.is_number()
                                                                   : value.is_string();
    if (!fits) {
      return fail(ErrorCode::bad_data, "{}: must be {}, not {}", key,
                  std::holds_alternative<bool>(kind)           ? "true or false"
                  : std::holds_alternative<std::int64_t>(kind) ? "a whole number"
                  : std::holds_alternative<double>(kind)       ? "a number"
                                                               : "a text",
                  value.type_name());
    }
    if (value.is_string()) {
      if (Status named = check_name(key, value.get<std::string>()); !named) return propagate(named);
    }
    merged[key] = value;
  }
  // Read as the recipe would be with them: ranges, choices and what one key asks of another.
  Json whole = recipe::to_json(recipe);
  for (const auto& [key, value] : merged.items()) whole["trades"][key] = value;
  const auto read = recipe::load_recipe(whole.dump(), "configuration", {});
  if (!read) return fail(ErrorCode::bad_data, "{}", read.error().message);
  return merged;
}

}  // namespace pawl::http
