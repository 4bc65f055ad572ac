#include "base/settings.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace pawl {
namespace {

constexpr std::array<std::string_view, 5> kTypeNames = {"boolean", "integer", "number", "text", "text_list"};
constexpr std::array<std::string_view, 5> kWantedWords = {"true or false", "a whole number", "a number",
                                                          "text", "a list of texts"};

std::string quoted_for_people(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return "empty";
    case ConfigNode::Kind::scalar:
      return fmt::format("\"{}\"", node.scalar);
    case ConfigNode::Kind::list:
      return "a list";
    case ConfigNode::Kind::map:
      return "a map";
  }
  return "";
}

std::optional<bool> read_boolean(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (lower == "true" || lower == "yes" || lower == "on") return true;
  if (lower == "false" || lower == "no" || lower == "off") return false;
  return std::nullopt;
}

template <class T>
std::optional<T> read_number(std::string_view text) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::vector<std::string>> read_text_list(const ConfigNode& node) {
  // `symbols: A` is what people write for a list of one.
  if (node.kind == ConfigNode::Kind::scalar) return std::vector{node.scalar};
  if (node.kind != ConfigNode::Kind::list) return std::nullopt;
  std::vector<std::string> texts;
  for (const ConfigNode& item : node.items) {
    if (item.kind != ConfigNode::Kind::scalar) return std::nullopt;
    texts.push_back(item.scalar);
  }
  return texts;
}

// The node as a value of the setting's type, or nothing.
std::optional<SettingValue> read_as(const Setting& setting, const ConfigNode& node) {
  const SettingValue& like = setting.default_value;
  if (std::holds_alternative<std::vector<std::string>>(like)) return read_text_list(node);
  if (node.kind != ConfigNode::Kind::scalar) return std::nullopt;
  if (std::holds_alternative<std::string>(like)) return node.scalar;
  if (node.quoted) return std::nullopt;
  if (std::holds_alternative<bool>(like)) return read_boolean(node.scalar);
  if (std::holds_alternative<std::int64_t>(like)) return read_number<std::int64_t>(node.scalar);
  const auto number = read_number<double>(node.scalar);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return *number;
}

std::string range_words(const Setting& setting) {
  const std::string unit = setting.unit.empty() ? "" : " " + setting.unit;
  if (!std::isfinite(*setting.max)) return fmt::format("at least {}{}", *setting.min, unit);
  if (!std::isfinite(*setting.min)) return fmt::format("at most {}{}", *setting.max, unit);
  return fmt::format("from {} to {}{}", *setting.min, *setting.max, unit);
}

bool in_range(const Setting& setting, const SettingValue& value) {
  if (!setting.min) return true;
  double number = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    number = static_cast<double>(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    number = *real;
  } else {
    return true;
  }
  return number >= *setting.min && number <= *setting.max;
}

// The first text that is not among the setting's choices.
std::optional<std::string> not_a_choice(const Setting& setting, const SettingValue& value) {
  const auto unknown = [&](const std::string& text) {
    return std::find(setting.choices.begin(), setting.choices.end(), text) == setting.choices.end();
  };
  if (setting.choices.empty()) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && unknown(*text)) return *text;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    const auto found = std::find_if(texts->begin(), texts->end(), unknown);
    if (found != texts->end()) return *found;
  }
  return std::nullopt;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(word, known);
  return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

Result<SettingValue> read_value(const Setting& setting, const ConfigNode& node, std::string_view where) {
  auto value = read_as(setting, node);
  if (!value) {
    const bool only_quoted =
        node.quoted && !std::holds_alternative<std::vector<std::string>>(setting.default_value);
    return fail(ErrorCode::bad_config, "{}: must be {}, not {}{}", where,
                kWantedWords[setting.default_value.index()], quoted_for_people(node),
                only_quoted ? " in quotes, which is text; take the quotes off" : "");
  }
  if (!in_range(setting, *value)) {
    return fail(ErrorCode::bad_config, "{}: must be {}, not {}", where, range_words(setting), node.scalar);
  }
  if (const auto wrong = not_a_choice(setting, *value)) {
    const std::string hint = suggestion(*wrong, setting.choices);
    return fail(ErrorCode::bad_config, "{}: must be one of {}, not \"{}\"{}", where,
                fmt::format("{}", fmt::join(setting.choices, ", ")), *wrong, hint);
  }
  return std::move(*value);
}

Json value_to_json(const SettingValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return json_number(*number);
  return std::visit([](const auto& held) { return Json(held); }, value);
}

template <class T>
const T& value_of(const std::map<std::string, SettingValue, std::less<>>& values, std::string_view name) {
  const auto found = values.find(name);
  if (found != values.end()) {
    if (const T* value = std::get_if<T>(&found->second)) return *value;
  }
  // Checked in release builds too: the schema and its reader stand in one file and must agree.
  std::fputs(fmt::format("bug: the schema declares no setting \"{}\" of the type asked for\n", name).c_str(),
             stderr);
  std::abort();
}

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

Setting make_setting(std::string name, SettingValue default_value, std::string help) {
  Setting setting;
  setting.name = std::move(name);
  setting.default_value = std::move(default_value);
  setting.help = std::move(help);
  return setting;
}

}  // namespace

Schema& Schema::boolean(std::string name, bool default_value, std::string help) {
  settings_.push_back(make_setting(std::move(name), default_value, std::move(help)));
  return *this;
}
Schema& Schema::integer(std::string name, std::int64_t default_value, std::string help) {
  settings_.push_back(make_setting(std::move(name), default_value, std::move(help)));
  return *this;
}
Schema& Schema::number(std::string name, double default_value, std::string help) {
  settings_.push_back(make_setting(std::move(name), default_value, std::move(help)));
  return *this;
}
Schema& Schema::text(std::string name, std::string default_value, std::string help) {
  settings_.push_back(make_setting(std::move(name), std::move(default_value), std::move(help)));
  return *this;
}
Schema& Schema::text_list(std::string name, std::vector<std::string> default_value, std::string help) {
  settings_.push_back(make_setting(std::move(name), std::move(default_value), std::move(help)));
  return *this;
}

Schema& Schema::range(double min, double max) {
  assert(!settings_.empty() && min <= max);
  settings_.back().min = min;
  settings_.back().max = max;
  assert(in_range(settings_.back(), settings_.back().default_value));
  return *this;
}
Schema& Schema::unit(std::string unit) {
  assert(!settings_.empty());
  settings_.back().unit = std::move(unit);
  return *this;
}
Schema& Schema::choices(std::vector<std::string> choices) {
  assert(!settings_.empty());
  settings_.back().choices = std::move(choices);
  assert(!not_a_choice(settings_.back(), settings_.back().default_value));
  return *this;
}

const Setting* Schema::find(std::string_view name) const {
  for (const Setting& setting : settings_) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

Settings Settings::defaults(const Schema& schema) {
  Settings settings;
  for (const Setting& setting : schema.settings()) settings.values_[setting.name] = setting.default_value;
  return settings;
}

Result<Settings> Settings::read(const Schema& schema, const ConfigNode& node, std::string_view path) {
  Settings settings = defaults(schema);
  if (node.kind == ConfigNode::Kind::null) return settings;
  if (node.kind != ConfigNode::Kind::map) {
    return fail(ErrorCode::bad_config, "{}: must be a map of settings, not {}", keyed_place(node.place, path),
                quoted_for_people(node));
  }
  for (const auto& [name, value] : node.fields) {
    const std::string dotted = path.empty() ? name : fmt::format("{}.{}", path, name);
    const std::string where = keyed_place(value.place, dotted);
    const Setting* setting = schema.find(name);
    if (setting == nullptr) {
      std::vector<std::string> known;
      for (const Setting& each : schema.settings()) known.push_back(each.name);
      const std::string hint = suggestion(name, known);
      return fail(ErrorCode::bad_config, "{}: unknown key{} known: {}", where, hint.empty() ? ";" : hint,
                  known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")));
    }
    auto read = read_value(*setting, value, where);
    if (!read) return propagate(read);
    settings.values_[name] = std::move(*read);
    settings.places_[name] = value.place;
  }
  return settings;
}

bool Settings::boolean(std::string_view name) const {
  return value_of<bool>(values_, name);
}
std::int64_t Settings::integer(std::string_view name) const {
  return value_of<std::int64_t>(values_, name);
}
double Settings::number(std::string_view name) const {
  return value_of<double>(values_, name);
}
const std::string& Settings::text(std::string_view name) const {
  return value_of<std::string>(values_, name);
}
const std::vector<std::string>& Settings::text_list(std::string_view name) const {
  return value_of<std::vector<std::string>>(values_, name);
}

bool Settings::is_default(std::string_view name) const {
  return places_.find(name) == places_.end();
}

const std::string& Settings::place(std::string_view name) const {
  static const std::string kNowhere;
  const auto found = places_.find(name);
  return found == places_.end() ? kNowhere : found->second;
}

Json Settings::to_json() const {
  Json json = Json::object();
  for (const auto& [name, value] : values_) json[name] = value_to_json(value);
  return json;
}

Json schema_to_json(const Schema& schema) {
  Json list = Json::array();
  for (const Setting& setting : schema.settings()) {
    Json json = {{"name", setting.name},
                 {"type", kTypeNames[setting.default_value.index()]},
                 {"default", value_to_json(setting.default_value)},
                 {"help", setting.help}};
    if (setting.min) json["min"] = json_number(*setting.min);
    if (setting.max) json["max"] = json_number(*setting.max);
    if (!setting.unit.empty()) json["unit"] = setting.unit;
    if (!setting.choices.empty()) json["choices"] = setting.choices;
    list.push_back(std::move(json));
  }
  return list;
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  // Where every letter changed, nothing was misspelt: "x" is not a slip for "bps".
  int best = std::min(4, static_cast<int>(word.size()));
  std::string nearest;
  for (const std::string& candidate : known) {
    const int distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace pawl
