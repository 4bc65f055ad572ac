#include "base/settings.h"

#include <gtest/gtest.h>

#include <limits>

namespace pawl {
namespace {

Schema gate_schema() {
  return Schema{}
      .boolean("enabled", true, "whether it judges at all")
      .integer("window_bars", 500, "how far it looks back")
      .range(50, 1000)
      .unit("bars")
      .number("margin", 0.0, "how much better the new accuracy must be")
      .range(0, 1)
      .text("form", "absolute", "how scores are compared")
      .choices({"absolute", "relative"})
      .text("note", "", "anything")
      .text_list("symbols", {}, "which")
      .number("cost_bps", 2, "cost a side")
      .range(0, std::numeric_limits<double>::infinity());
}

Result<Settings> read(std::string_view yaml) {
  const auto node = parse_yaml(yaml, "config/a.yaml");
  EXPECT_TRUE(node) << node.error().message;
  return Settings::read(gate_schema(), *node, "gate");
}

TEST(Settings, GivenValuesAndDefaults) {
  const auto settings = read("margin: 0.02\nenabled: off\nsymbols: [A, \"1\"]\nnote: 007\nwindow_bars: 60\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->number("margin"), 0.02);
  EXPECT_EQ(settings->boolean("enabled"), false);
  EXPECT_EQ(settings->integer("window_bars"), 60);
  EXPECT_EQ(settings->text("form"), "absolute");
  EXPECT_EQ(settings->text("note"), "007") << "text is kept as written";
  EXPECT_EQ(settings->text_list("symbols"), (std::vector<std::string>{"A", "1"}));
  EXPECT_FALSE(settings->is_default("margin"));
  EXPECT_EQ(settings->place("margin"), "config/a.yaml:1");
  EXPECT_TRUE(settings->is_default("form"));
  EXPECT_EQ(settings->place("form"), "");
  EXPECT_EQ(
      settings->to_json().dump(),
      R"({"cost_bps":2.0,"enabled":false,"form":"absolute","margin":0.02,"note":"007","symbols":["A","1"],)"
      R"("window_bars":60})");
}

TEST(Settings, NothingGivenMeansDefaults) {
  EXPECT_EQ(read("")->to_json(), Settings::defaults(gate_schema()).to_json());
}

TEST(Settings, FormsOfValues) {
  for (const char* yes : {"true", "yes", "on", "True", "YES"}) {
    EXPECT_TRUE(read(fmt::format("enabled: {}", yes))->boolean("enabled")) << yes;
  }
  for (const char* no : {"false", "no", "off"}) {
    EXPECT_FALSE(read(fmt::format("enabled: {}", no))->boolean("enabled")) << no;
  }
  EXPECT_EQ(read("margin: 1")->number("margin"), 1) << "a whole number is a number";
  EXPECT_EQ(read("cost_bps: 1e3")->number("cost_bps"), 1000);
  EXPECT_EQ(read("symbols: EUR_USD")->text_list("symbols"), std::vector<std::string>{"EUR_USD"});
}

TEST(Settings, MistakesSayWhereWhatAndWhatToDo) {
  const std::pair<const char*, const char*> table[] = {
      {"margn: 1",
       "config/a.yaml:1: gate.margn: unknown key; did you mean \"margin\"? known: enabled, window_bars, "
       "margin, "
       "form, note, symbols, cost_bps"},
      {"zzzzzzzzz: 1",
       "config/a.yaml:1: gate.zzzzzzzzz: unknown key; known: enabled, window_bars, margin, form, note, "
       "symbols, "
       "cost_bps"},
      {"\nwindow_bars: 20", "config/a.yaml:2: gate.window_bars: must be from 50 to 1000 bars, not 20"},
      {"margin: -0.5", "config/a.yaml:1: gate.margin: must be from 0 to 1, not -0.5"},
      {"cost_bps: -1", "config/a.yaml:1: gate.cost_bps: must be at least 0, not -1"},
      {"margin: much", "config/a.yaml:1: gate.margin: must be a number, not \"much\""},
      {"margin: \"0.5\"",
       "config/a.yaml:1: gate.margin: must be a number, not \"0.5\" in quotes, which is text; take the "
       "quotes off"},
      {"margin: nan", "config/a.yaml:1: gate.margin: must be a number, not \"nan\""},
      {"margin: inf", "config/a.yaml:1: gate.margin: must be a number, not \"inf\""},
      {"margin: 1e999", "config/a.yaml:1: gate.margin: must be a number, not \"1e999\""},
      {"margin: 0,5", "config/a.yaml:1: gate.margin: must be a number, not \"0,5\""},
      {"margin: 0x1", "config/a.yaml:1: gate.margin: must be a number, not \"0x1\""},
      {"margin:", "config/a.yaml:1: gate.margin: must be a number, not empty"},
      {"window_bars: 1e2", "config/a.yaml:1: gate.window_bars: must be a whole number, not \"1e2\""},
      {"window_bars: 60.0", "config/a.yaml:1: gate.window_bars: must be a whole number, not \"60.0\""},
      {"window_bars: 99999999999999999999",
       "config/a.yaml:1: gate.window_bars: must be a whole number, not \"99999999999999999999\""},
      {"enabled: 1", "config/a.yaml:1: gate.enabled: must be true or false, not \"1\""},
      {"enabled: 'true'",
       "config/a.yaml:1: gate.enabled: must be true or false, not \"true\" in quotes, which is text; take "
       "the quotes "
       "off"},
      {"form: relativ",
       "config/a.yaml:1: gate.form: must be one of absolute, relative, not \"relativ\"; did you mean "
       "\"relative\"?"},
      {"note: [a]", "config/a.yaml:1: gate.note: must be text, not a list"},
      {"note:\n  a: 1", "config/a.yaml:1: gate.note: must be text, not a map"},
      {"symbols: [[a]]", "config/a.yaml:1: gate.symbols: must be a list of texts, not a list"},
      {"[1]", "config/a.yaml:1: gate: must be a map of settings, not a list"},
  };
  for (const auto& [yaml, message] : table) {
    const auto settings = read(yaml);
    ASSERT_FALSE(settings) << yaml;
    EXPECT_EQ(settings.error().code, ErrorCode::bad_config);
    EXPECT_EQ(settings.error().message, message);
  }
}

TEST(Settings, ASchemaDescribesItself) {
  const Json json = schema_to_json(gate_schema());
  ASSERT_EQ(json.size(), 7u);
  EXPECT_EQ(json[1].dump(), R"({"default":500,"help":"how far it looks back","max":1000.0,"min":50.0,)"
                            R"("name":"window_bars","type":"integer","unit":"bars"})");
  EXPECT_EQ(json[3]["choices"].dump(), R"(["absolute","relative"])");
  EXPECT_TRUE(json[6]["max"].is_null());
}

TEST(SettingsDeathTest, AskingForWhatIsNotDeclaredIsABug) {
  const Settings settings = Settings::defaults(gate_schema());
  EXPECT_DEATH(settings.number("margni"), "margni");
  EXPECT_DEATH(settings.text("margin"), "margin");
}

TEST(NearestWord, FindsSlipsAndNothingElse) {
  const std::vector<std::string> known = {"margin", "form", "max_days", "bps"};
  EXPECT_EQ(nearest_word("margn", known), "margin");
  EXPECT_EQ(nearest_word("from", known), "form");
  EXPECT_EQ(nearest_word("maxdays", known), "max_days");
  EXPECT_EQ(nearest_word("x", known), "");
  EXPECT_EQ(nearest_word("something_else", known), "");
  EXPECT_EQ(nearest_word("a", {}), "");
}

}  // namespace
}  // namespace pawl
