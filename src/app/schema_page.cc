#include "app/schema_page.h"

#include <cmath>

#include "base/format.h"
#include "recipe/recipe.h"

namespace pawl::app {

namespace {

std::string type_text(const std::string& type) {
  return type == "text_list" ? "list of texts" : type;
}

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text.ends_with('.') ? text : text + ".";
}

// As a person writes it in a recipe, in backquotes; nothing for an empty text.
std::string default_text(const Json& value) {
  const std::string text = value.is_string()         ? value.get<std::string>()
                           : value.is_number_float() ? fmt::format("{:g}", value.get<double>())
                                                     : value.dump();
  return text.empty() ? text : fmt::format("`{}`", text);
}

// Ranges and choices, in words; empty where anything of the type goes.
std::string allowed_text(const Setting& setting) {
  if (!setting.choices.empty()) return fmt::format("{}", fmt::join(setting.choices, ", "));
  const bool from = setting.min && std::isfinite(*setting.min),
             to = setting.max && std::isfinite(*setting.max);
  const std::string unit = setting.unit.empty() ? "" : " " + setting.unit;
  const auto number = [](double value) {
    return value == std::floor(value) && std::abs(value) < 1e16 ? fmt::format("{:.0f}", value)
                                                                : fmt::format("{:g}", value);
  };
  if (from && to && *setting.min == *setting.max) return number(*setting.min);
  if (from && to) return fmt::format("{} to {}{}", number(*setting.min), number(*setting.max), unit);
  if (from) return fmt::format("at least {}{}", number(*setting.min), unit);
  if (to) return fmt::format("at most {}{}", number(*setting.max), unit);
  return setting.unit;
}

// What stands in a cell must not end it.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, 1, '\\');
  }
  return text;
}

std::string table(const Schema& schema) {
  if (schema.settings().empty()) return "Nothing to set.\n";
  std::string text = "| key | type | default | allowed | meaning |\n| --- | --- | --- | --- | --- |\n";
  const Json described = schema_to_json(schema);
  for (std::size_t i = 0; i < described.size(); ++i) {
    const Setting& setting = schema.settings()[i];
    text += fmt::format(
        "| `{}` | {} | {} | {} | {} |\n", setting.name, type_text(described[i]["type"].get<std::string>()),
        cell(default_text(described[i]["default"])), cell(allowed_text(setting)), cell(setting.help));
  }
  return text;
}

}  // namespace

Json schema_json() {
  Json sections = Json::array();
  for (const recipe::SectionSchema& one : recipe::section_schemas()) {
    Json json = {{"section", one.section}, {"help", one.help}, {"settings", schema_to_json(one.schema)}};
    if (!one.kind_key.empty()) {
      json["kind_key"] = one.kind_key;
      json["kind"] = one.kind;
    }
    sections.push_back(std::move(json));
  }
  return {{"sections", std::move(sections)}};
}

std::string schema_page() {
  std::string text =
      "# Recipe reference\n\n"
      "Every key that a recipe can have. This page is made by `pawl config show --schema --markdown` from "
      "the\n"
      "declarations that also check recipes; `pawl config show --recipe NAME` shows the same keys with a\n"
      "recipe's values and where each came from. A key is given in the file, over it by the environment\n"
      "(`PAWL_GATE__MARGIN=0.01`), over that by `--set gate.margin=0.01`.\n";
  std::string section;
  for (const recipe::SectionSchema& one : recipe::section_schemas()) {
    if (one.section.empty()) {
      text += "\n## Top level\n\n" + table(one.schema);
      continue;
    }
    if (one.section != section) text += fmt::format("\n## `{}`\n", one.section);
    section = one.section;
    if (!one.kind_key.empty()) text += fmt::format("\n### `{}: {}`\n", one.kind_key, one.kind);
    text += fmt::format("\n{}\n\n{}", sentence(one.help), table(one.schema));
  }
  return text;
}

}  // namespace pawl::app
