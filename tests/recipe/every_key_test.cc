// Every key that is declared anywhere does something: given another value, the typed recipe is another.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recipe/recipe.h"

namespace pawl::recipe {
namespace {

constexpr const char* kFile = "config/every.yaml";

// A recipe in which the section names the kind; what a kind cannot do without stands here.
Json recipe_with(const SectionSchema& section) {
  Json json = {{"schema", 1},
               {"recipe", "every"},
               {"symbols", {"BTC/USDT"}},
               {"source", {{"kind", "simulated"}}},
               {"features", {"rsi(14)", "clv"}},
               {"label", {{"kind", "horizon_return"}}},
               {"model", {{"kind", "xgboost"}}},
               {"signal", {{"kind", "edge"}}},
               {"gate", {{"policy", "better"}}},
               {"auto_training", Json::object()}};
  // A trade filter has inputs, label and signal rule of its own.
  if (section.section == "trades" || section.kind == "allow") {
    json["trades"] = Json::object();
    for (const char* key : {"features", "label", "signal", "auto_training"}) json.erase(key);
  }
  // Sections that most recipes leave out are there only where they are written.
  for (const char* plain :
       {"search", "calibration", "shadow", "quotes", "predict", "retention", "drift", "files", "server"}) {
    if (section.section == plain) json[plain] = Json::object();
  }
  if (section.kind.empty()) return json;
  Json named = {{section.kind_key, section.kind}};
  if (section.kind == "csv") named["files"] = {"BTCUSDT:H1=bars.csv"};
  if (section.kind == "drift") json["drift"] = {{"enabled", true}};
  if (section.section == "triggers") {
    json["triggers"] = Json::array({named});
  } else {
    json[section.section] = named;
  }
  return json;
}

// A value other than the default that the key accepts. Texts with a grammar of their own stand here by name.
Json other_value(const std::string& section, const Setting& setting) {
  static const std::map<std::string, Json> kByName = {
      {".recipe", "another"},
      {".description", "words"},
      {".symbols", {"ETH/USDT"}},
      {".features", {"rsi(15)"}},
      {".outside", {"vix = bars(VIX, 15)"}},
      {".outside_files", {"rates.csv"}},
      {".sectors", {"BTC_USDT=Coins"}},
      {".client_windows", {"H1=500"}},
      {"shadow.e_value", 20},
      {"search.space", {"depth=2|3"}},
      {"signal.where", "clv"},
      {"server.address", "0.0.0.0"},
      {"server.hosts", {"pawl.example"}},
      {"bars.base", "M15"},
      {"bars.day_anchor", "America/New_York 17:00"},
      {"bars.session", "weekdays"},
      {"source.files", {"BTCUSDT:H1=other.csv"}},
      {"source.start", "2021-01-01T00:00:00Z"},
      {"label.scale", "atr(20)/close"},
      {"validation.window_days", 200},
      {"triggers.schedule", "30 3 * * MON"},
      {"triggers.zone", "Europe/Berlin"},
      {"predict.client_zone", "New York+7h"},
  };
  if (const auto named = kByName.find(section + "." + setting.name); named != kByName.end()) {
    return named->second;
  }
  const SettingValue& value = setting.default_value;
  if (const bool* flag = std::get_if<bool>(&value)) return !*flag;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return setting.max && static_cast<double>(*integer) + 1 > *setting.max ? *integer - 1 : *integer + 1;
  }
  if (const double* number = std::get_if<double>(&value)) {
    const double more = *number == 0 ? 0.5 : *number * 1.25;
    return setting.max && more > *setting.max ? *number * 0.75 : more;
  }
  for (const std::string& choice : setting.choices) {
    if (choice != std::get<std::string>(value)) return choice;
  }
  if (section == "files" || section == "trades") return "another/file";
  return nullptr;
}

void set_key(Json& recipe, const SectionSchema& section, const std::string& key, const Json& value) {
  if (section.section.empty()) {
    recipe[key] = value;
  } else if (section.section == "triggers") {
    recipe["triggers"][0][key] = value;
  } else {
    recipe[section.section][key] = value;
  }
}

// Keys that only fit beside others: what those must say.
void add_company(Json& recipe, const SectionSchema& section, const std::string& key, const Json& value) {
  if (section.section == "label" && (key == "classes" || key == "threshold")) {
    recipe["label"]["classes"] = 3;
    if (section.kind == "horizon_return") recipe["label"]["threshold"] = "cost";
    recipe["signal"] = {{"kind", "top_class"}};
  }
  if (key == "flip_jitter_bars") recipe["source"]["flip_every_bars"] = 1000;
  if (section.kind == "composite" && key.starts_with("weight_")) {
    for (const char* other : {"weight_accuracy", "weight_f1", "weight_sharpe", "weight_return"}) {
      recipe["gate"][other] = (1 - value.get<double>()) / 3;
    }
  }
}

const Json& value_at(const Json& recipe, const SectionSchema& section, const std::string& key) {
  if (section.section.empty()) return recipe.at(key);
  if (section.section == "triggers") return recipe.at("triggers").at(0).at(key);
  return recipe.at(section.section).at(key);
}

// to_json() reads the typed recipe, so a value that is found there has arrived.
TEST(EveryKey, ReachesTheTypedRecipe) {
  for (const SectionSchema& section : section_schemas()) {
    const Result<Recipe> plain = load_recipe(recipe_with(section).dump(), kFile, {});
    ASSERT_TRUE(plain) << plain.error().message;
    for (const Setting& setting : section.schema.settings()) {
      if (section.section.empty() && setting.name == "schema") continue;  // has one value only
      SCOPED_TRACE(section.section + "(" + section.kind + ")." + setting.name);
      const Json value = other_value(section.section, setting);
      ASSERT_FALSE(value.is_null()) << "other_value() must know one";
      EXPECT_NE(value_at(to_json(*plain), section, setting.name), value);

      Json changed = recipe_with(section);
      add_company(changed, section, setting.name, value);
      set_key(changed, section, setting.name, value);
      const Result<Recipe> recipe = load_recipe(changed.dump(), kFile, {});
      EXPECT_TRUE(recipe) << recipe.error().message;
      if (recipe) {
        EXPECT_EQ(value_at(to_json(*recipe), section, setting.name), value);
      }
    }
  }
}

TEST(EveryKey, SaysWhatItIs) {
  for (const SectionSchema& section : section_schemas()) {
    EXPECT_FALSE(section.help.empty()) << section.section << " " << section.kind;
    for (const Setting& setting : section.schema.settings()) {
      EXPECT_FALSE(setting.help.empty()) << section.section << "." << setting.name;
      const bool number = std::holds_alternative<std::int64_t>(setting.default_value) ||
                          std::holds_alternative<double>(setting.default_value);
      EXPECT_TRUE(!number || setting.min) << section.section << "." << setting.name << " has no range";
    }
  }
}

// A recipe's own dump is the same recipe: nothing that was read is lost on the way out.
TEST(EveryKey, SurvivesADumpOfTheRecipe) {
  for (const SectionSchema& section : section_schemas()) {
    SCOPED_TRACE(section.section + " " + section.kind);
    const Result<Recipe> recipe = load_recipe(recipe_with(section).dump(), kFile, {});
    ASSERT_TRUE(recipe) << recipe.error().message;
    const Json dumped = to_json(*recipe);
    const Result<Recipe> again = load_recipe(dumped.dump(), kFile, {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(dumped, to_json(*again));
  }
}

TEST(EveryKey, IsShownWithItsOrigin) {
  const std::string yaml =
      "schema: 1\nrecipe: every\nsymbols: [BTC/USDT]\nsource: {kind: simulated}\nfeatures: [clv]\n"
      "label: {kind: horizon_return}\nmodel: {kind: xgboost}\nsignal: {kind: edge}\n"
      "gate:\n  policy: better\n  margin: 0.01\ntriggers: [{kind: age, max_age_days: 7}]\n";
  const Result<Recipe> recipe =
      load_recipe(yaml, kFile, {{{"costs.per_side_bp", "5"}}, {{"PAWL_SEED", "9"}}});
  ASSERT_TRUE(recipe) << recipe.error().message;
  std::map<std::string, ShownKey> shown;
  for (const ShownKey& key : show(*recipe)) {
    EXPECT_TRUE(shown.emplace(key.key, key).second) << key.key << " twice";
    EXPECT_FALSE(key.help.empty()) << key.key;
  }
  const auto expect = [&](const std::string& key, const std::string& value, const std::string& origin) {
    ASSERT_TRUE(shown.contains(key)) << key;
    EXPECT_EQ(shown.at(key).value, value) << key;
    EXPECT_EQ(shown.at(key).origin, origin) << key;
  };
  expect("recipe", "every", "config/every.yaml:2");
  expect("symbols", "[\"BTC/USDT\"]", "config/every.yaml:3");
  expect("gate.policy", "better", "config/every.yaml:10");
  expect("gate.margin", "0.01", "config/every.yaml:11");
  expect("gate.metric", "accuracy", "default");
  expect("costs.per_side_bp", "5", "--set costs.per_side_bp");
  expect("costs.per_side_pips", "0", "default");
  expect("seed", "9", "PAWL_SEED");
  expect("triggers.0.kind", "age", "config/every.yaml:12");
  expect("triggers.0.max_age_days", "7", "config/every.yaml:12");
  expect("bars.session", "always", "default");
  expect("baseline.rule", "trend", "default");
  EXPECT_FALSE(shown.contains("auto_training.enabled")) << "the recipe has no such section";
}

}  // namespace
}  // namespace pawl::recipe
