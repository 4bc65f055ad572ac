// E2: predictions.csv, features.csv, outcomes.csv.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "mirrors/collection.h"
#include "mirrors/made_store.h"

namespace pawl::mirrors {
namespace {

using test::MadeStore;

const std::string kCollection = "files: {collection: data_collected}\n";

// The JSON of a row of features.csv, its doubled quotes undone.
Json features_of(const std::string& row) {
  std::string text = row.substr(row.find('"') + 1);
  text.resize(text.rfind('"'));
  for (std::size_t at = text.find("\"\""); at != std::string::npos; at = text.find("\"\"", at + 1))
    text.erase(at, 1);
  return parse_json(text).value();
}

TEST(Collection, E2_WritesWhatWasPredictedFromWhatAndWhatBecameOfIt) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe(kCollection));
  const Symbol& btc = made.recipe.symbols.front();
  const LineId line = made.recipe.line_of(btc);
  const BarSeries bars = test::walk_bars(1, 6);
  made.bar(btc, bars[0]);
  const std::int64_t first = made.predict(btc, 0, 0.5, Side::buy);
  for (std::size_t i = 1; i < 4; ++i) made.bar(btc, bars[i]);
  made.predict(btc, 0, 0.375, Side::hold);
  made.bar(btc, bars[4]);
  made.outcome(line, first, bars[4].known_at(), Side::buy, true, 0.625);
  test::catch_up(*test::open_mirrors(made, folder.path()));

  // 2024-01-01, 00:00 opens the walk; a bar is known at its close.
  EXPECT_EQ(test::read_file(folder / "data_collected/predictions.csv"),
            fmt::format("timestamp,symbol,price,prediction,prob_up,confidence,strength_score,level_type,"
                        "level_source,signal_fired\n"
                        "2024-01-01T01:00:00Z,BTC/USDT,{},1,0.5,0.5,,,,True\n"
                        "2024-01-01T04:00:00Z,BTC/USDT,{},0,0.375,0.625,,,,False\n",
                        bars[0].close, bars[3].close));
  std::istringstream features(test::read_file(folder / "data_collected/features.csv"));
  std::string row;
  ASSERT_TRUE(std::getline(features, row));
  EXPECT_EQ(row, "timestamp,symbol,features_json");
  for (const Bar& bar : {bars[0], bars[3]}) {
    ASSERT_TRUE(std::getline(features, row));
    EXPECT_TRUE(row.starts_with(format_time(bar.known_at()) + ",BTC/USDT,\"{")) << row;
    const double place_in_range = (bar.close - bar.low) / (bar.high - bar.low);
    EXPECT_NEAR(features_of(row)["by_name"]["clv"].get<double>(), place_in_range, 1e-12);
    EXPECT_NEAR(features_of(row)["values"][0].get<double>(), place_in_range, 1e-12);
  }
  EXPECT_EQ(test::read_file(folder / "data_collected/outcomes.csv"),
            "prediction_timestamp,symbol,entry_price,exit_price,bars_held,pnl_pct,correct\n"
            "2024-01-01T01:00:00Z,BTC/USDT,100.5,101.25,3,0.625,True\n");
}

TEST(Collection, FeaturesAreAnArrayAndByNameAndMissingOnesAreNull) {
  const std::vector<double> row = {0.25, std::numeric_limits<double>::quiet_NaN()};
  PredictionView view;
  view.names = {"clv", "sma(3) / close"};
  view.features = row;
  const Json json = features_of(features_row({.known_at = test::kWalkStart}, view, "QQQ"));
  EXPECT_EQ(json["values"], (Json{0.25, nullptr}));
  EXPECT_EQ(json["by_name"], (Json{{"clv", 0.25}, {"sma(3) / close", nullptr}}));
}

TEST(Collection, WithThreeClassesConfidenceMayBeThatOfHolding) {
  const std::string row = prediction_row(
      {.known_at = test::kWalkStart, .side = Side::hold, .p_up = 0.25, .p_down = 0.25}, {}, "EUR_USD");
  EXPECT_EQ(row, "2024-01-01T00:00:00Z,EUR_USD,,0,0.25,0.5,,,,False\n");
}

TEST(Collection, E2_ALevelIsWrittenByItsNames) {
  PredictionView view;
  view.price = 515.23;
  view.level_type = -1;
  view.level_source = 3;
  view.level_strength = 62.5;
  EXPECT_EQ(prediction_row({.known_at = test::kWalkStart, .side = Side::sell, .p_up = 0.25, .p_down = 0.75},
                           view, "QQQ"),
            "2024-01-01T00:00:00Z,QQQ,515.23,0,0.25,0.75,62.5,resistance,round_number,True\n");
}

TEST(Collection, LevelsAreAskedForAsTheRecipeAsksForThem) {
  EXPECT_TRUE(level_specs("").empty());
  EXPECT_TRUE(level_specs("rsi(14) - 70").empty());
  EXPECT_EQ(level_specs("0.5 - level_distance"),
            (std::vector<std::string>{"level_type", "level_source", "level_strength"}));
  EXPECT_EQ(level_specs("level_strength(3, 10, 100) - 50"),
            (std::vector<std::string>{"level_type(3, 10, 100)", "level_source(3, 10, 100)",
                                      "level_strength(3, 10, 100)"}));
}

// E2: levels of a recipe whose signals fire at levels, against the engine run over all bars at once.
TEST(Collection, E2_LevelsAreThoseOfThePredictionsBar) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe(kCollection + "signal: {kind: edge, where: level_strength}\n"));
  ASSERT_FALSE(made.recipe.signal_where.empty());
  const Symbol& btc = made.recipe.symbols.front();
  const BarSeries bars = test::walk_bars(5, 120);
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    made.bar(btc, bars[i]);
    made.predict(btc, 0, 0.75, Side::buy);
    const std::vector<double> level =
        made.row_of({"level_strength", "level_type", "level_source"}, made.history["BTC_USDT"]);
    const char* sources[] = {"swing", "prior_day", "pivot", "round_number", "vwap"};
    expected.push_back(std::isnan(level[0]) ? ",,"
                                            : fmt::format("{},{},{}", json_double_text(level[0]),
                                                          level[1] > 0 ? "support" : "resistance",
                                                          sources[static_cast<std::size_t>(level[2])]));
  }
  test::catch_up(*test::open_mirrors(made, folder.path()));
  std::istringstream rows(test::read_file(folder / "data_collected/predictions.csv"));
  std::string row;
  std::getline(rows, row);
  for (const std::string& level : expected) {
    ASSERT_TRUE(std::getline(rows, row));
    EXPECT_NE(row.find("0.75,0.75," + level + ",True"), std::string::npos) << row << " has no " << level;
  }
  EXPECT_NE(expected.back(), ",,");
}

// F2: a row that does not come out as it was served is a fault, never a line in a file.
TEST(Collection, ARowThatComesOutOtherwiseIsAnError) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe(kCollection));
  const Symbol& btc = made.recipe.symbols.front();
  made.bar(btc, test::walk_bars(1, 1)[0]);
  const std::int64_t id = made.store->predictions()
                              .append({.line = "made/BTC_USDT",
                                       .symbol = "BTC_USDT",
                                       .bar_open_time = test::kWalkStart,
                                       .known_at = test::kWalkStart + kHourMs,
                                       .features_digest = "0123456789abcdef"})
                              .value();
  made.event("prediction", "made/BTC_USDT", test::kWalkStart + kHourMs, {{"id", id}});
  const Status done = test::open_mirrors(made, folder.path())->catch_up();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::corrupt);
  EXPECT_NE(done.error().message.find("0123456789abcdef"), std::string::npos) << done.error().message;
  EXPECT_EQ(test::read_file(folder / "data_collected/features.csv"), "timestamp,symbol,features_json\n");
}

// A pooled line has one name for many symbols: rows are of the prediction's own symbol.
TEST(Collection, APooledLineTellsItsSymbolsApart) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe(kCollection + "pool: true\n", "[AAPL, MSFT]"));
  const BarSeries apple = test::walk_bars(1, 3), microsoft = test::walk_bars(2, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    made.bar(made.recipe.symbols[0], apple[i]);
    made.bar(made.recipe.symbols[1], microsoft[i]);
    made.predict(made.recipe.symbols[0], 0, 0.75, Side::buy);
    made.predict(made.recipe.symbols[1], 0, 0.25, Side::sell);
  }
  test::catch_up(*test::open_mirrors(made, folder.path()));
  const std::string rows = test::read_file(folder / "data_collected/predictions.csv");
  EXPECT_NE(rows.find(fmt::format("2024-01-01T03:00:00Z,AAPL,{},1", apple[2].close)), std::string::npos)
      << rows;
  EXPECT_NE(rows.find(fmt::format("2024-01-01T03:00:00Z,MSFT,{},0", microsoft[2].close)), std::string::npos)
      << rows;
}

// What is later changes nothing of what is there: with other bars behind, the same bytes.
TEST(Collection, TheFutureChangesNothingInThePast) {
  std::string first;
  for (const std::uint64_t seed : {1, 2}) {
    test::TempFolder folder;
    MadeStore made(test::made_recipe(kCollection));
    const Symbol& btc = made.recipe.symbols.front();
    BarSeries bars = test::walk_bars(9, 40);
    bars.append(test::walk_bars(seed, 40, bars.back().close_time));
    for (std::size_t i = 0; i < bars.size(); ++i) {
      made.bar(btc, bars[i]);
      if (i < 40) made.predict(btc, 0, 0.75, Side::buy);
    }
    test::catch_up(*test::open_mirrors(made, folder.path()));
    const std::string rows = test::read_file(folder / "data_collected/predictions.csv") +
                             test::read_file(folder / "data_collected/features.csv");
    if (first.empty()) first = rows;
    EXPECT_EQ(rows, first);
  }
}

}  // namespace
}  // namespace pawl::mirrors
