// What is joined to the bars: how a recipe lists it, and what its features add by themselves.
#include "recipe/outside.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/test_files.h"

namespace pawl::recipe {
namespace {

using Kind = OutsideSeries::Kind;

TEST(Outside, AnEntryReadsBackAsItself) {
  for (const char* text :
       {"spy = bars(SPY, 0)", "vix = bars(VIX, 15)", "vix = bars(VIX, 15, 3)", "spy = bars(SPY, 0, 0)",
        "dgs10 = series(DGS10, 1)", "dgs10 = series(DGS10, 1, 10)", "pe = filing(pe_ratio)",
        "mentions = filing(mentions, 1)", "filed = filing_age(eps_ttm)", "news = decayed_sum(score, 24)",
        "news = decayed_mean(score, 24)", "insiders = window_sum(insider_net, 90)", "above = breadth(200)",
        "ad = advances(1)", "highs = new_highs(252)", "sector_move = sector(20)"}) {
    const auto series = parse_outside(text);
    ASSERT_TRUE(series) << series.error().message;
    EXPECT_EQ(outside_text(*series), text);
  }
  EXPECT_EQ(outside_text(*parse_outside(" x=bars( SPY ) ")), "x = bars(SPY, 0)");
  EXPECT_EQ(outside_text(*parse_outside("x = series(DGS2)")), "x = series(DGS2, 1)");
  EXPECT_EQ(parse_outside("vix = bars(VIX, 15, 3)")->delay_ms, 15 * kMinuteMs);
  EXPECT_EQ(parse_outside("vix = bars(VIX, 15, 3)")->stale_bars, 3);
  EXPECT_EQ(parse_outside("news = decayed_sum(score, 24)")->span_ms, kDayMs);
  EXPECT_EQ(parse_outside("in = window_sum(insider_net, 90)")->span_ms, 90 * kDayMs);
}

TEST(Outside, AMistakeIsNamedWithAWayOut) {
  for (const auto& [text, words] : {std::pair<std::string, std::string>{"spy", "there is no ="},
                                    {"spy = SPY", "it is no call"},
                                    {"= bars(SPY)", "it is no call"},
                                    {"x = bar(SPY)", "there is no outside series of kind bar"},
                                    {"x = market(SPY)", "there is no outside series of kind market"},
                                    {"x = bars()", "the number of arguments is wrong"},
                                    {"x = bars(SPY, 1, 2, 3)", "the number of arguments is wrong"},
                                    {"x = bars(S PY)", "write it as"},
                                    {"x = bars(SPY, soon)", "soon is no such number"},
                                    {"x = bars(SPY, -1)", "-1 is no such number"},
                                    {"x = filing_age(pe, 3)", "the number of arguments is wrong"},
                                    {"x = decayed_sum(score)", "the number of arguments is wrong"},
                                    {"x = decayed_sum(score, 0)", "0 is no such number"},
                                    {"x = advances()", "the number of arguments is wrong"},
                                    {"x = new_highs(0)", "0 is no such number"}}) {
    const auto series = parse_outside(text);
    ASSERT_FALSE(series) << text;
    EXPECT_EQ(series.error().code, ErrorCode::bad_config);
    EXPECT_NE(series.error().message.find(words), std::string::npos) << series.error().message;
    EXPECT_NE(series.error().message.find("breadth = breadth(50)"), std::string::npos);
  }
}

Result<Recipe> loaded(const std::string& features, const std::string& outside = "[]",
                      const std::string& where = "clv") {
  const std::string yaml = fmt::format(
      "schema: 1\nrecipe: peers\nsymbols: [AAPL, EURUSD]\nsource: {{kind: simulated}}\noutside: {}\n"
      "features: {}\nlabel: {{kind: horizon_return}}\nmodel: {{kind: xgboost}}\n"
      "signal: {{kind: edge, where: \"{}\"}}\ngate: {{policy: better}}\n",
      outside, features, where);
  return load_recipe(yaml, "peers.yaml", {});
}

TEST(Outside, AMarketWithinAFeatureIsASeriesOfTheRecipe) {
  const auto recipe = loaded("[\"ret(1) - ret(1)[SPY]\", \"close/close[EUR_USD]\", \"ret( 1 )[SPY]\"]",
                             "[\"vix = bars(VIX, 15)\", \"spy = bars(SPY, 5)\"]", "rsi(14)[VIX] - rsi(14)");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->outside_names(),
            (std::vector<std::string>{"vix", "spy", "ret(1)[SPY]", "close[EUR_USD]", "rsi(14)[VIX]"}));
  const OutsideSeries& spy = recipe->outside[2];
  EXPECT_EQ(spy.kind, Kind::market);
  EXPECT_EQ(spy.of, "SPY");
  EXPECT_EQ(spy.expression, "ret(1)");
  EXPECT_EQ(spy.delay_ms, 5 * kMinuteMs) << "as its bars are delayed";
  EXPECT_EQ(spy.stale_bars, kMarketStaleBars);
  EXPECT_EQ(recipe->outside[3].of, "EURUSD") << "as the recipe writes it";
  EXPECT_EQ(recipe->outside[3].delay_ms, 0);
  EXPECT_EQ(recipe->outside[4].delay_ms, 15 * kMinuteMs);
}

TEST(Outside, AMarketIsStaleWhenItsBarsAre) {
  const auto recipe =
      loaded("[\"ret(1)[SPY]\", \"ret(1)[VIX]\"]", "[\"spy = bars(SPY, 0, 20)\", \"vix = bars(VIX, 0, 0)\"]");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->outside[2].stale_bars, 20);
  EXPECT_EQ(recipe->outside[3].stale_bars, 0) << "never";
  EXPECT_EQ(recipe->outside[0].stale_bars, 20);
}

TEST(Outside, AMarketWithoutBarsIsNamedBesideThoseThatHaveSome) {
  const auto recipe = loaded("[\"ret(1)\", \"close/close[QQQ]\"]", "[\"spy = bars(SPY)\"]");
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, ErrorCode::bad_config);
  EXPECT_EQ(recipe.error().message,
            "peers.yaml:6: features: feature \"close/close[QQQ]\", column 13: there are no bars of QQQ here; "
            "known markets: AAPL EUR_USD SPY; a market from outside is made known by outside: "
            "[name = bars(QQQ)]");
  const auto where = loaded("[clv]", "[]", "close[QQQ]");
  ASSERT_FALSE(where);
  EXPECT_NE(where.error().message.find("signal.where"), std::string::npos) << where.error().message;
}

// Series that the features make are not listed: written out and read again, the features make them again.
TEST(Outside, ADumpOfTheRecipeIsTheSameRecipe) {
  const auto recipe = loaded("[\"ret(1)[SPY]\", \"ret(1)[AAPL]\"]", "[\"spy = bars(SPY, 5, 2)\"]");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(to_json(*recipe)["outside"], Json({"spy = bars(SPY, 5, 2)"}));
  const auto again = load_recipe(to_json(*recipe).dump(), "again.yaml", {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->outside_names(), recipe->outside_names());
  EXPECT_EQ(to_json(*again), to_json(*recipe));
}

// Whatever docs/outside-series.md writes as an entry is one, and every kind that can be listed is there;
// whatever it writes as a feature is read beside them.
TEST(Outside, ThePageShowsWhatCanBeRead) {
  const std::string page = test::read_file(test::source_dir() / "docs" / "outside-series.md");
  const std::size_t fenced = page.find("```\n\n| entry of `outside`");
  ASSERT_NE(fenced, std::string::npos) << "the examples in fences end before the table";
  std::set<Kind> shown;
  std::map<std::string, std::string> entries;
  for (std::size_t at = page.find('`', fenced + 3); at != std::string::npos; at = page.find('`', at + 1)) {
    const std::size_t end = page.find('`', at + 1);
    const std::string text = page.substr(at + 1, end - at - 1);
    at = end;
    if (text.find(" = ") == std::string::npos || text.find("S = S") != std::string::npos) continue;
    const auto series = parse_outside(text);
    ASSERT_TRUE(series) << series.error().message;
    shown.insert(series->kind);
    entries[series->name] = text;
  }
  EXPECT_EQ(shown.size(), static_cast<std::size_t>(Kind::market)) << "all but what features make";
  std::string features;
  const std::size_t rows = page.find("## The rows of a stock's model");
  ASSERT_NE(rows, std::string::npos);
  for (const char* feature :
       {"close / eps", "eps / close", "close / eps / (100 * eps_growth)", "fcf / close", "dividends / close",
        "filed", "mood", "zscore(mentions, 30)", "rating - lag(rating, 21)", "institutions",
        "(buys - sells) / (buys + sells)", "rank(vix, 252)", "dgs10 - dgs2", "dollar / lag(dollar, 20) - 1",
        "sector_move - ret(20)[SPY]", "above200", "20 * sma(ad, 20)", "highs", "ema(ad, 19) - ema(ad, 39)"}) {
    EXPECT_NE(page.find(fmt::format("`{}`", feature), rows), std::string::npos) << feature;
    features += fmt::format("{}\"{}\"", features.empty() ? "[" : ", ", feature);
  }
  std::string outside;
  for (const auto& [name, text] : entries)
    outside += fmt::format("{}\"{}\"", outside.empty() ? "[" : ", ", text);
  const auto recipe = loaded(features + "]", outside + "]");
  EXPECT_TRUE(recipe) << recipe.error().message;
}

}  // namespace
}  // namespace pawl::recipe
