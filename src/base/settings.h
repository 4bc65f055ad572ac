// Settings: a kind (of gate, model, feature…) declares what it can be told once, in a Schema; validation,
// `pawl config show`, the dashboard's form and the reference docs all come from that declaration.
//
//   const Schema kSchema = Schema{}
//       .number("margin", 0.0, "how much better the new accuracy must be").range(0, 1)
//       .text("form", "absolute", "how scores are compared").choices({"absolute", "relative"});
//   auto settings = Settings::read(kSchema, node, "gate");
//   double margin = settings->number("margin");
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/config_node.h"
#include "base/result.h"

namespace pawl {

using SettingValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct Setting {
  std::string name;            // snake_case, units in the name
  SettingValue default_value;  // its alternative is the setting's type
  std::string help;            // one sentence
  std::optional<double> min, max;
  std::string unit;                  // for people; empty where the name says it or there is none
  std::vector<std::string> choices;  // for text: the only values allowed
};

class Schema {
 public:
  Schema& boolean(std::string name, bool default_value, std::string help);
  Schema& integer(std::string name, std::int64_t default_value, std::string help);
  Schema& number(std::string name, double default_value, std::string help);
  Schema& text(std::string name, std::string default_value, std::string help);
  Schema& text_list(std::string name, std::vector<std::string> default_value, std::string help);
  // These speak of the setting declared last.
  Schema& range(double min, double max);
  Schema& unit(std::string unit);
  Schema& choices(std::vector<std::string> choices);

  const std::vector<Setting>& settings() const { return settings_; }
  const Setting* find(std::string_view name) const;

 private:
  std::vector<Setting> settings_;
};

// Values that fit a schema: each key known, of its type, within range; the rest at their defaults.
class Settings {
 public:
  Settings() = default;
  // `node` is a map (or null: all defaults). `path` is what errors call it ("gate"). Every mistake is
  // bad_config with the place, the key, what was wrong and, for an unknown key, the nearest known one.
  static Result<Settings> read(const Schema& schema, const ConfigNode& node, std::string_view path);
  static Settings defaults(const Schema& schema);

  // A getter of a name that the schema does not have, or of another type, is a bug (assert).
  bool boolean(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  const std::vector<std::string>& text_list(std::string_view name) const;

  bool is_default(std::string_view name) const;           // not given by anybody
  const std::string& place(std::string_view name) const;  // where it was given; empty for a default
  Json to_json() const;                                   // all values, defaults included
  const std::map<std::string, SettingValue, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, SettingValue, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> places_;
};

// The schema as JSON for `pawl config show --schema` and the docs.
Json schema_to_json(const Schema& schema);

// The known word nearest to a misspelt one (edit distance ≤ 3), or empty.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace pawl
