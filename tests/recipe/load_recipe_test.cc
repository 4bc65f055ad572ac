#include <gtest/gtest.h>

#include "recipe/recipe.h"
#include "support/test_files.h"

namespace pawl::recipe {
namespace {

constexpr const char* kSmall = R"(schema: 1
recipe: small
symbols: [BTC/USDT]
source: {kind: simulated}
features: [rsi(14), clv]
label: {kind: horizon_return}
model: {kind: xgboost}
signal: {kind: edge}
gate: {policy: better}
)";

Recipe load(const std::string& yaml, const Overrides& overrides = {}) {
  Result<Recipe> recipe = load_recipe(yaml, "config/small.yaml", overrides);
  EXPECT_TRUE(recipe) << recipe.error().message;
  return recipe ? std::move(*recipe) : Recipe{};
}

// Replaces the line that begins like `line` up to its colon, or adds it.
std::string with(const std::string& line) {
  std::string yaml = kSmall;
  const std::string key = line.substr(0, line.find(':') + 1);
  const std::size_t at = yaml.find("\n" + key);
  if (yaml.starts_with(key)) return line + yaml.substr(yaml.find('\n'));
  if (at == std::string::npos) return yaml + line + "\n";
  return yaml.substr(0, at + 1) + line + yaml.substr(yaml.find('\n', at + 1));
}

TEST(LoadRecipe, DefaultsAreTheDocumentedOnes) {
  const Recipe recipe = load(kSmall);
  EXPECT_EQ(recipe.name, "small");
  EXPECT_EQ(recipe.symbols.at(0).canonical(), "BTC_USDT");
  EXPECT_EQ(recipe.line_of(recipe.symbols[0]), "small/BTC_USDT");
  EXPECT_EQ(recipe.base, kH1);
  EXPECT_EQ(recipe.calendar.day_anchor(), "UTC 00:00");
  EXPECT_EQ(recipe.features, (std::vector<std::string>{"rsi(14)", "clv"}));
  EXPECT_EQ(recipe.source.kind, "simulated");
  EXPECT_EQ(recipe.label.kind, "horizon_return");
  EXPECT_EQ(recipe.model.kind, "xgboost");
  EXPECT_EQ(recipe.gate.kind, "better");
  EXPECT_EQ(recipe.baseline.kind, "rules");
  EXPECT_EQ(recipe.baseline.settings.text("rule"), "trend");
  EXPECT_DOUBLE_EQ(recipe.signal.min_edge, 0.02);
  EXPECT_EQ(recipe.validation.judged_ms, 60 * kDayMs);
  EXPECT_EQ(recipe.training.defer_ms, kDayMs);
  EXPECT_EQ(recipe.seed, 1u);
}

TEST(LoadRecipe, UnitsOfKeysBecomeUnitsOfTheHouse) {
  const Recipe recipe = load(std::string(kSmall) +
                             "validation: {window_days: 180, judged_days: 1.5}\n"
                             "training: {latency_minutes: 0.5, cooldown_hours: 36, backoff_hours: 2}\n");
  EXPECT_EQ(recipe.validation.window_ms, 180 * kDayMs);
  EXPECT_EQ(recipe.validation.judged_ms, 36 * kHourMs);
  EXPECT_EQ(recipe.training.latency_ms, 30 * kSecondMs);
  EXPECT_EQ(recipe.training.cooldown_ms, 36 * kHourMs);
  EXPECT_EQ(recipe.training.backoff_ms, 2 * kHourMs);
}

TEST(LoadRecipe, ManualIsAlwaysThereAndAutoTrainingComesBeforeTheListed) {
  EXPECT_EQ(load(kSmall).triggers.size(), 1u);
  const Recipe recipe = load(std::string(kSmall) +
                             "triggers:\n"
                             "  - {kind: cron, schedule: \"0 2 * * SUN\", zone: Europe/Berlin}\n"
                             "  - {kind: age, max_age_days: 7}\n"
                             "auto_training: {min_trades_before_retrain: 40}\n");
  ASSERT_EQ(recipe.triggers.size(), 4u);
  EXPECT_EQ(recipe.triggers[0].kind, "manual");
  EXPECT_EQ(recipe.triggers[1].kind, "auto_training");
  EXPECT_EQ(recipe.triggers[1].settings.integer("min_trades_before_retrain"), 40);
  EXPECT_EQ(recipe.triggers[2].settings.text("zone"), "Europe/Berlin");
  EXPECT_EQ(recipe.triggers[3].kind, "age");
}

TEST(LoadRecipe, SetBeatsEnvironmentBeatsFileBeatsDefault) {
  const std::string file = with("gate: {policy: better, margin: 0.1}");
  const Overrides environment{{}, {{"PAWL_GATE__MARGIN", "0.2"}}};
  const Overrides both{{{"gate.margin", "0.3"}}, {{"PAWL_GATE__MARGIN", "0.2"}}};
  EXPECT_DOUBLE_EQ(load(kSmall).gate.settings.number("margin"), 0.0);
  EXPECT_DOUBLE_EQ(load(file).gate.settings.number("margin"), 0.1);
  EXPECT_DOUBLE_EQ(load(file, environment).gate.settings.number("margin"), 0.2);
  EXPECT_DOUBLE_EQ(load(file, both).gate.settings.number("margin"), 0.3);
  EXPECT_EQ(load(file).origins.at("gate.margin"), "config/small.yaml:9");
  EXPECT_EQ(load(file, environment).origins.at("gate.margin"), "PAWL_GATE__MARGIN");
  EXPECT_EQ(load(file, both).origins.at("gate.margin"), "--set gate.margin");
}

TEST(LoadRecipe, TheLastSetWins) {
  EXPECT_EQ(load(kSmall, {{{"seed", "7"}, {"seed", "8"}}, {}}).seed, 8u);
}

TEST(LoadRecipe, AnOverrideReachesListsAndSectionsThatTheFileLacks) {
  const Recipe recipe = load(kSmall, {{{"symbols", "[ETH/USDT, BTC/USDT]"}, {"costs.per_side_bp", "5"}},
                                      {{"PAWL_SEED", "3"}, {"PAWL_BARS__DAY_ANCHOR", "UTC 17:00"}}});
  EXPECT_EQ(recipe.symbols.size(), 2u);
  EXPECT_DOUBLE_EQ(recipe.costs.per_side_bp, 5);
  EXPECT_EQ(recipe.seed, 3u);
  EXPECT_EQ(recipe.calendar.day_anchor(), "UTC 17:00");
}

// Comparing policies with --set must not need a second file.
TEST(LoadRecipe, AnotherKindStartsItsSectionAfresh) {
  const std::string file = with("gate: {policy: better, margin: 0.1}");
  EXPECT_EQ(load(file, {{{"gate.policy", "always"}}, {}}).gate.kind, "always");
  const Recipe same = load(file, {{{"gate.policy", "better"}}, {}});
  EXPECT_DOUBLE_EQ(same.gate.settings.number("margin"), 0.1);
  // What an override says itself is held against the new kind.
  EXPECT_FALSE(load_recipe(file, "f", {{{"gate.policy", "always"}, {"gate.margin", "0.2"}}, {}}));
}

TEST(LoadRecipe, OtherPeoplesEnvironmentIsLeftAlone) {
  const Overrides overrides{
      {}, {{"PAWL_LONG", "1"}, {"PAWL_SERVICE_HOST", "10.0.0.1"}, {"HOME", "/root"}, {"gate__margin", "3"}}};
  EXPECT_EQ(to_json(load(kSmall, overrides)), to_json(load(kSmall)));
}

TEST(LoadRecipe, AFileOfAFolderOrABareName) {
  test::TempFolder folder;
  test::write_file(folder / "mine.yaml", kSmall);
  EXPECT_TRUE(load_recipe_file((folder / "mine.yaml").string(), {}));
  const Result<Recipe> missing = load_recipe_file((folder / "other.yaml").string(), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::bad_config);
  EXPECT_NE(load_recipe_file("no-such-recipe", {}).error().message.find("config/no-such-recipe.yaml"),
            std::string::npos);
}

// Each class of mistake once: what is written, and what the message must hold for a person to put it right.
struct Mistake {
  const char* name;
  std::string yaml;
  std::vector<std::string> says;
  Overrides overrides = {};
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreNamedWithTheirPlace) {
  const Result<Recipe> recipe = load_recipe(GetParam().yaml, "config/small.yaml", GetParam().overrides);
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, ErrorCode::bad_config);
  for (const std::string& part : GetParam().says) {
    EXPECT_NE(recipe.error().message.find(part), std::string::npos) << recipe.error().message;
  }
}

const Mistake kMistakes[] = {
    {"BrokenYaml", "schema: 1\nsymbols: [A\n", {"config/small.yaml"}},
    {"NotAMap", "- 1\n", {"schema: 1"}},
    {"Empty", "", {"schema: 1"}},
    {"NoSchema", "recipe: small\n", {"schema", "is missing"}},
    {"LaterSchema", with("schema: 2"), {"config/small.yaml:1", "schema", "from 1 to 1", "2"}},
    {"NoName", with("recipe: \"\""), {"config/small.yaml:2", "recipe", "name"}},
    {"NameWithASlash", with("recipe: a/b"), {"config/small.yaml:2", "a/b", "lower-case"}},
    {"NoSymbols", with("symbols: []"), {"config/small.yaml:3", "symbols", "at least one"}},
    {"BadSymbol", with("symbols: [\"BTC USDT\"]"), {"config/small.yaml:3", "symbols"}},
    {"OneMarketTwice",
     with("symbols: [EUR_USD, EURUSD.m]"),
     {"config/small.yaml:3", "EUR_USD", "EURUSD.m", "same market"}},
    {"UnknownTopLevelKey",
     with("validaton: {}"),
     {"config/small.yaml:10", "validaton", "did you mean validation"}},
    {"UnknownKey",
     with("costs: {per_side_pb: 5}"),
     {"config/small.yaml:10", "costs.per_side_pb", "did you mean \"per_side_bp\""}},
    {"UnknownKeyOfAKind",
     with("model: {kind: xgboost, tres: 5}"),
     {"config/small.yaml:7", "model.tres", "did you mean \"trees\""}},
    {"SectionThatIsNoMap", with("costs: 5"), {"config/small.yaml:10", "costs", "map"}},
    {"KindSectionThatIsNoMap", with("gate: better"), {"config/small.yaml:9", "gate", "policy"}},
    {"TextForANumber", with("costs: {per_side_bp: five}"), {"costs.per_side_bp", "a number", "five"}},
    {"QuotedNumber", with("costs: {per_side_bp: \"5\"}"), {"costs.per_side_bp", "quotes"}},
    {"FractionForAWholeNumber", with("validation: {min_bars: 1.5}"), {"validation.min_bars", "whole number"}},
    {"TextForABoolean", with("group: maybe"), {"config/small.yaml:10", "group", "true or false"}},
    {"OutOfRange",
     with("validation: {judged_share_max: 1.5}"),
     {"validation.judged_share_max", "from 0.01 to 0.9", "1.5"}},
    {"JudgedAsLongAsTheWindow",
     with("validation: {window_days: 60, judged_days: 60}"),
     {"validation.judged_days", "leaves nothing to train on"}},
    {"NoKind", with("gate: {margin: 0.1}"), {"config/small.yaml:9", "gate.policy", "is missing", "better"}},
    {"SectionMissing",
     "schema: 1\nrecipe: a\nsymbols: [A]\nfeatures: [clv]\n",
     {"source.kind", "is missing"}},
    {"UnknownKind",
     with("gate: {policy: beter}"),
     {"config/small.yaml:9", "gate policy \"beter\"", "did you mean better"}},
    {"UnknownKindFarFromAny", with("model: {kind: transformer}"), {"model.kind", "transformer", "xgboost"}},
    {"KindThatIsAList", with("model: {kind: [a]}"), {"model.kind"}},
    {"BadTimeframe", with("bars: {base: H7}"), {"config/small.yaml:10", "bars.base", "H7"}},
    {"BadAnchor", with("bars: {day_anchor: Mars 00:00}"), {"bars.day_anchor", "Mars"}},
    {"BadSession", with("bars: {session: sometimes}"), {"bars.session", "sometimes"}},
    {"NoFeatures", with("features: []"), {"config/small.yaml:5", "features", "at least one"}},
    {"BadFeature", with("features: [rsi(14), rsy(14)]"), {"config/small.yaml:5", "features", "rsy"}},
    {"BadFeatureArgument", with("features: [rsi(0)]"), {"config/small.yaml:5", "features", "rsi"}},
    {"OneFeatureTwice",
     with("features: [rsi(14), \"rsi( 14 )\"]"),
     {"config/small.yaml:5", "features", "rsi(14) already"}},
    {"FinerThanTheBars", with("features: [rsi(14)@M5]"), {"features", "M5"}},
    {"EdgeOfThreeClasses",
     with("label: {kind: horizon_return, classes: 3, threshold: cost}"),
     {"config/small.yaml:8", "signal.kind", "two classes", "top_class"}},
    {"LabelThatDoesNotFitTogether",
     with("label: {kind: horizon_return, classes: 3, threshold: none}"),
     {"config/small.yaml:6", "label"}},
    {"BadScaleOfALabel",
     with("label: {kind: triple_barrier, scale: atr(}"),
     {"config/small.yaml:6", "label"}},
    {"BadCronLine",
     with("triggers: [{kind: age}, {kind: cron, schedule: every day}]"),
     {"config/small.yaml:10", "triggers.1"}},
    {"BadZone", with("triggers: [{kind: cron, zone: Mars}]"), {"triggers.0", "Mars"}},
    {"TriggersThatAreNoList", with("triggers: {kind: cron}"), {"config/small.yaml:10", "triggers", "list"}},
    {"TriggerOfNoKind", with("triggers: [{schedule: 0 2 * * *}]"), {"triggers.0.kind", "is missing", "cron"}},
    {"AutoTrainingInTheList", with("triggers: [{kind: auto_training}]"), {"auto_training", "section"}},
    {"ManualInTheList", with("triggers: [{kind: manual}]"), {"manual is always there"}},
    {"BadStartOfTheSimulation",
     with("source: {kind: simulated, start: yesterday}"),
     {"config/small.yaml:4", "source"}},
    {"SetOfAnUnknownKey",
     kSmall,
     {"--set gate.marign", "did you mean \"margin\""},
     {{{"gate.marign", "1"}}, {}}},
    {"SetThroughAValue", kSmall, {"--set recipe.name"}, {{{"recipe.name", "1"}}, {}}},
    {"EnvironmentOfAnUnknownKey",
     kSmall,
     {"PAWL_GATE__MARIGN", "gate.marign"},
     {{}, {{"PAWL_GATE__MARIGN", "1"}}}},
    {"EnvironmentOfAnUnknownSection",
     kSmall,
     {"PAWL_GTE__MARGIN", "did you mean gate"},
     {{}, {{"PAWL_GTE__MARGIN", "1"}}}},
    {"EnvironmentOneUnderscoreShort",
     kSmall,
     {"PAWL_GATE_MARGIN", "PAWL_GATE__MARGIN"},
     {{}, {{"PAWL_GATE_MARGIN", "1"}}}},
    {"EnvironmentOutOfRange",
     kSmall,
     {"PAWL_VALIDATION__MIN_BARS", "validation.min_bars"},
     {{}, {{"PAWL_VALIDATION__MIN_BARS", "-1"}}}},
};

INSTANTIATE_TEST_SUITE_P(LoadRecipe, Mistakes, testing::ValuesIn(kMistakes),
                         [](const auto& mistake) { return std::string(mistake.param.name); });

// What a mistake says, of the small recipe with these lines more.
std::string told_of(const std::string& lines) {
  const auto recipe = load_recipe(std::string(kSmall) + lines, "small.yaml", {});
  if (recipe) return "no mistake";
  EXPECT_EQ(recipe.error().code, ErrorCode::bad_config);
  return recipe.error().message;
}

TEST(DriftTrigger, NeedsWhatItAsks) {
  const std::string listed = "triggers:\n  - {kind: cron, schedule: \"0 2 * * SUN\"}\n  - {kind: drift}\n";
  const std::string without = told_of(listed);
  EXPECT_NE(without.find("small.yaml:12: triggers.1: drift never fires while drift.enabled is false"),
            std::string::npos)
      << without;
  EXPECT_NE(without.find("set drift.enabled to true"), std::string::npos);
  EXPECT_EQ(told_of(listed + "drift: {window_rows: 100}\n"), without);
  EXPECT_EQ(told_of(listed + "drift: {enabled: true}\n"), "no mistake");
  EXPECT_EQ(told_of("auto_training: {}\n" + listed).find("small.yaml:13: triggers.1"), 0U);
}

TEST(Search, OfMoreSplitsThanMemoryHoldsIsRefused) {
  const std::string many = told_of("search: {groups: 16, test_groups: 8}\n");
  EXPECT_NE(many.find("search.test_groups: 8 of 16 groups are 12870 splits"), std::string::npos) << many;
  EXPECT_NE(many.find("200 are the most"), std::string::npos) << many;
  EXPECT_EQ(told_of("search: {groups: 16, test_groups: 8, form: newest}\n"), "no mistake") << "it makes none";
  EXPECT_EQ(told_of("search: {groups: 16, test_groups: 2}\n"), "no mistake") << "120";
  EXPECT_EQ(
      told_of("search: {groups: 16, test_groups: 3}\n").find("small.yaml:10: search.test_groups: 3 of 16"),
      0U)
      << "560";
  EXPECT_EQ(told_of("search: {groups: 10, test_groups: 3}\n"), "no mistake") << "120";
  EXPECT_EQ(told_of("search: {groups: 10, test_groups: 4}\n").find("no mistake"), std::string::npos) << "210";
}

TEST(Server, SaysWhereItListens) {
  const auto load = [](const std::string& server) {
    return load_recipe(
        "schema: 1\nrecipe: a\nsymbols: [BTC/USDT]\nsource: {kind: simulated}\nfeatures: [clv]\n"
        "label: {kind: horizon_return}\nmodel: {kind: xgboost}\nsignal: {kind: edge}\n"
        "gate: {policy: better}\nserver: " +
            server + "\n",
        "a.yaml", {});
  };
  const auto server =
      load("{address: '::1', port: 0, hosts: [pawl.example.org, 10.0.0.7], log_format: json}");
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(server->server.address, "::1");
  EXPECT_EQ(server->server.port, 0);
  EXPECT_EQ(server->server.hosts, (std::vector<std::string>{"pawl.example.org", "10.0.0.7"}));
  EXPECT_EQ(server->server.log_format, LogFormat::json);
  EXPECT_EQ(server->server.heartbeat_ms, 300'000);
  for (const auto& [text, part] : {std::pair{"{address: everywhere}", "server.address: \"everywhere\""},
                                   {"{port: 65536}", "server.port"},
                                   {"{hosts: ['http://pawl.example']}", "server.hosts"},
                                   {"{hosts: ['pawl.example:80']}", "without http:// and port"},
                                   {"{log_format: xml}", "server.log_format"},
                                   {"{body_mb_max: 0}", "server.body_mb_max"},
                                   {"{threads: 0}", "server.threads"}}) {
    const auto wrong = load(text);
    ASSERT_FALSE(wrong) << text;
    EXPECT_EQ(wrong.error().code, ErrorCode::bad_config);
    EXPECT_NE(wrong.error().message.find(part), std::string::npos) << wrong.error().message;
  }
}

}  // namespace
}  // namespace pawl::recipe
