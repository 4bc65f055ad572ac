// `pawl features`: what there is, one kind in full, what an expression is computed from, and the page of it.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "base/json.h"
#include "features/engine.h"
#include "features/feature.h"
#include "recipe/outside.h"
#include "recipe/recipe.h"
#include "support/run_pawl.h"
#include "support/test_files.h"

namespace pawl::test {
namespace {

using Words = std::vector<std::string>;

Json json_of(const Ran& ran) {
  auto json = parse_json(ran.stdout_text);
  EXPECT_TRUE(json.has_value()) << ran.stdout_text.substr(0, 500);
  return json ? std::move(*json) : Json();
}

Json features_json(const Words& names, const Words& more = {}) {
  Words words = {"features", "--json"};
  words.insert(words.end(), names.begin(), names.end());
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = run_pawl(words);
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  return json_of(ran);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Features, ListsEveryKindByItsGroup) {
  const Ran ran = run_pawl({"features"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_TRUE(has(ran.stdout_text, "averages\n  sma([x=close], [n=")) << ran.stdout_text.substr(0, 300);
  const Json kinds = features_json({})["kinds"];
  ASSERT_EQ(kinds.size(), features::feature_kinds().size());
  for (const Json& kind : kinds) {
    EXPECT_TRUE(has(ran.stdout_text, "\n  " + kind["usage"].get<std::string>() + " ")) << kind["kind"];
    EXPECT_TRUE(has(ran.stdout_text, kind["help"].get<std::string>())) << kind["kind"];
    EXPECT_NE(kind["group"], "") << kind["kind"];
  }
}

TEST(Features, ShowsOneKindInFull) {
  const Json rsi = features_json({"rsi"});
  EXPECT_EQ(rsi["usage"], "rsi([x=close], [n=14])");
  EXPECT_EQ(rsi["group"], "momentum and trend");
  EXPECT_EQ(rsi["unit"], "percent");
  EXPECT_EQ(rsi["parameters"][0]["default"], 14);
  EXPECT_EQ(rsi["at_defaults"], "rsi(14)");
  EXPECT_EQ(rsi["warm_up_bars"], 15) << "14 changes need 15 closes";
  EXPECT_FALSE(rsi["needs_volume"].get<bool>());
  const auto list =
      features::FeatureList::parse(std::vector<std::string>{"rsi(14)"}, kH1, MarketCalendar::utc_always());
  EXPECT_EQ(rsi["memory_bars"], list->memory_bars(1e-9));

  const std::string text = run_pawl({"features", "rsi"}).stdout_text;
  EXPECT_TRUE(text.starts_with("rsi([x=close], [n=14])\n")) << text;
  EXPECT_TRUE(has(text, "first value   at bar 15 of H1, as rsi(14)\n")) << text;
  EXPECT_TRUE(has(text, "volume        not needed\n")) << text;
}

TEST(Features, SaysWhatNeverFadesAndWhatNeedsVolume) {
  const Json obv = features_json({"obv"});
  EXPECT_TRUE(obv["memory_bars"].is_null()) << "its level depends on where the series begins";
  EXPECT_TRUE(obv["needs_volume"].get<bool>());
  EXPECT_TRUE(has(run_pawl({"features", "obv"}).stdout_text, "older bars count for ever")) << "in words";
}

TEST(Features, SaysWhatIsComputedTogether) {
  const Json corr = features_json({"corr"});
  EXPECT_EQ(corr["usage"], "corr(x, y, [n=60])");
  EXPECT_EQ(corr["computed_with"][0], "cov");
  const Json atr = features_json({"atr"});
  EXPECT_EQ(atr["definition"], "wilder(tr,14)");
}

TEST(Features, CountsTheBarsOfTheTimeframeThatIsAskedFor) {
  const auto day_of = [](const char* timeframe) {
    return features_json({"prior_day_high"}, {"--timeframe", timeframe})["warm_up_bars"].get<int>();
  };
  EXPECT_EQ(day_of("M5"), 12 * day_of("H1"));
  EXPECT_EQ(run_pawl({"features", "rsi", "--timeframe", "H7"}).exit_code, 2);
}

TEST(Features, ExplainsAnExpression) {
  const Json answer = features_json({" lag( ema(12) /atr, 3 )"});
  const Json& feature = answer["features"][0];
  EXPECT_EQ(feature["feature"], "lag(ema(12)/atr(14),3)");
  EXPECT_EQ(feature["warm_up_bars"], 18) << "atr(14) at bar 15, three bars ago";
  EXPECT_EQ(answer["warm_up_bars"], 18);
  const auto list = features::FeatureList::parse(std::vector<std::string>{"lag(ema(12)/atr(14),3)"}, kH1,
                                                 MarketCalendar::utc_always());
  EXPECT_EQ(answer["hash"], list->hash());
  EXPECT_EQ(feature["memory_bars"], list->memory_bars(1e-9));
  std::vector<std::string> computes;
  for (const Json& node : answer["nodes"]) computes.push_back(node["computes"]);
  EXPECT_EQ(computes, (Words{"ema(close,12)", "tr", "wilder(#2,14)", "#1 / #3", "lag(#4,3)"}));
}

TEST(Features, MarksWhatSeveralShare) {
  const Json answer =
      features_json({"atr(14)", "corr(close,volume,9)", "atr(14)/close", "cov(close,volume,9)"});
  std::set<std::string> shared;
  for (const Json& node : answer["nodes"]) {
    if (node["shared"].get<bool>()) shared.insert(node["computes"].get<std::string>());
  }
  EXPECT_TRUE(shared.contains("wilder(#1,14)")) << "both ranges";
  EXPECT_TRUE(shared.contains("pairs(close,volume,9)")) << "one computation, two of its values";
  EXPECT_EQ(shared.size(), 2u);
  const std::string text = run_pawl({"features", "atr(14)", "atr(14)/close"}).stdout_text;
  EXPECT_TRUE(has(text, "wilder(#1,14)  also for #3; = atr(14)\n")) << text;
}

TEST(Features, ShowsHigherTimeframesAndOutsideSeries) {
  const Ran ran = run_pawl({"features", "rsi(14)@H4/vix", "rsi(14)@H4[SPY]", "--recipe",
                            source_dir() / "config/stocks-daily.yaml", "--timeframe", "H1"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_TRUE(has(ran.stdout_text, "on H4 bars\n")) << ran.stdout_text;
  EXPECT_TRUE(has(ran.stdout_text, "#1 of the newest closed H4 bar\n")) << ran.stdout_text;
  EXPECT_TRUE(has(ran.stdout_text, "#2 / vix")) << ran.stdout_text;
  EXPECT_TRUE(has(ran.stdout_text, "\noutside series: rsi(14)@H4[SPY], vix\n")) << ran.stdout_text;
}

TEST(Features, GivesTheParsersOwnError) {
  const Ran ran = run_pawl({"features", "rsi(14) + emma(12)", "--json"});
  EXPECT_EQ(ran.exit_code, 78);
  const auto list = features::FeatureList::parse(std::vector<std::string>{"rsi(14) + emma(12)"}, kH1,
                                                 MarketCalendar::utc_always());
  ASSERT_FALSE(list.has_value());
  EXPECT_TRUE(has(list.error().message, "column 11")) << list.error().message;
  EXPECT_TRUE(has(list.error().message, "did you mean \"ema\"?")) << list.error().message;
  EXPECT_EQ(json_of(ran)["error"]["message"], list.error().message);
  EXPECT_EQ(run_pawl({"features", "rsi", "--markdown"}).exit_code, 2) << "the page has all";
}

TEST(Features, AreThePageInTheDocs) {
  const Ran ran = run_pawl({"features", "--markdown"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_TRUE(read_file(source_dir() / "docs" / "features.md") == ran.stdout_text)
      << "make it anew: pawl features --markdown > docs/features.md";
}

// What stands in backquotes in the tables of the page's hand-written part.
std::vector<std::string> expressions_of(const std::string& page) {
  std::vector<std::string> found;
  std::istringstream lines(page);
  bool by_hand = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) {
      by_hand = line == "## What the originals computed" || line == "## Useful compositions";
    }
    if (!by_hand || !line.starts_with("|")) continue;
    for (std::size_t at = line.find('`'); at != std::string::npos; at = line.find('`', at + 1)) {
      const std::size_t end = line.find('`', at + 1);
      found.push_back(line.substr(at + 1, end - at - 1));
      at = end;
    }
  }
  return found;
}

TEST(Features, EveryExpressionOnThePageIsOne) {
  const auto expressions = expressions_of(read_file(source_dir() / "docs" / "features.md"));
  EXPECT_GT(expressions.size(), 90u);
  auto stocks = recipe::load_recipe_file(source_dir() / "config/stocks-daily.yaml", {});
  ASSERT_TRUE(stocks.has_value()) << stocks.error().message;
  stocks->base = kM5;
  for (const std::string& expression : expressions) {
    const Status read = recipe::add_market_series({expression}, *stocks);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    const auto list =
        features::FeatureList::parse(std::vector{expression}, kM5, stocks->calendar, stocks->outside_names());
    EXPECT_TRUE(list.has_value()) << list.error().message;
  }
}

}  // namespace
}  // namespace pawl::test
