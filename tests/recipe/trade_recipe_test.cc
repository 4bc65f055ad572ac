// C1: a recipe that filters a bot's trades, with every key of the original's configuration.
#include <gtest/gtest.h>

#include "recipe/recipe.h"
#include "support/test_files.h"

namespace pawl::recipe {
namespace {

constexpr const char* kFilter =
    "schema: 1\nrecipe: filter\nsymbols: [EUR_USD, GBP_USD]\nsource: {kind: simulated}\n"
    "model: {kind: xgboost}\ngate: {policy: better}\ntrades: {}\n";

Result<Recipe> load(const std::vector<std::pair<std::string, std::string>>& set = {}) {
  return load_recipe(kFilter, "filter.yaml", {.set = set, .environment = {}});
}

TEST(TradeRecipe, C1WhatItLearnsGoesWithoutSaying) {
  const Result<Recipe> recipe = load();
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->features, trade_features());
  EXPECT_EQ(recipe->features.size(), 9U);
  EXPECT_EQ(recipe->label.kind, "profitable");
  EXPECT_EQ(recipe->signal.kind, judging::SignalRule::Kind::allow);
  EXPECT_EQ(recipe->signal.min_probability, 0.5);
  EXPECT_EQ(recipe->baseline.settings.text("rule"), "allow");
  EXPECT_EQ(recipe->line_ids(), std::vector<LineId>{"filter/pool"}) << "one line over all markets";
}

TEST(TradeRecipe, C1DefaultsAreTheOriginals) {
  const Result<Recipe> recipe = load();
  ASSERT_TRUE(recipe) << recipe.error().message;
  const TradeSettings& trades = recipe->trades;
  EXPECT_TRUE(trades.collect);
  EXPECT_TRUE(trades.use_predictions);
  EXPECT_EQ(trades.model_path, "models/ml_signal_model.pkl");
  EXPECT_EQ(trades.training_data_path, "data/training_data.csv");
  EXPECT_FALSE(trades.auto_retrain);
  EXPECT_EQ(trades.retrain_every_ms, 7 * kDayMs);
  EXPECT_EQ(trades.min_training_samples, 100);
  EXPECT_EQ(trades.min_manual_samples, 50);
  ASSERT_EQ(recipe->triggers.size(), 1U) << "without auto-retrain only by hand";
}

TEST(TradeRecipe, C1AutoRetrainMakesATriggerOfFrequencySamplesAndInterval) {
  for (const auto& [frequency, days] : {std::pair{"daily", 1.0}, {"weekly", 7.0}, {"monthly", 30.0}}) {
    const Result<Recipe> recipe = load({{"trades.ml_auto_retrain", "true"},
                                        {"trades.ml_retrain_frequency", frequency},
                                        {"trades.ml_min_training_samples", "60"},
                                        {"trades.check_interval_hours", "0.5"}});
    ASSERT_TRUE(recipe) << recipe.error().message;
    ASSERT_EQ(recipe->triggers.size(), 2U);
    EXPECT_EQ(recipe->triggers[1].kind, "trades");
    EXPECT_DOUBLE_EQ(recipe->triggers[1].settings.number("every_days"), days);
    EXPECT_EQ(recipe->triggers[1].settings.integer("min_samples"), 60);
    EXPECT_EQ(recipe->triggers[1].settings.integer("check_interval_s"), 1800);
    // Its own dump is the same recipe: the trigger is not written, and comes out of the section again.
    const Result<Recipe> again = load_recipe(to_json(*recipe).dump(), "again.yaml", {});
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_json(*again), to_json(*recipe));
    EXPECT_EQ(again->triggers.size(), 2U);
  }
  const Result<Recipe> own = load({{"trades.ml_auto_retrain", "true"},
                                   {"trades.ml_retrain_frequency", "monthly"},
                                   {"trades.ml_retrain_frequency_days", "3"}});
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_DOUBLE_EQ(own->triggers[1].settings.number("every_days"), 3) << "in days, where it is given";
}

TEST(TradeRecipe, C1ValuesOutOfBoundsAreRefused) {
  for (const auto& [key, value] : {std::pair{"trades.ml_min_training_samples", "49"},
                                   {"trades.ml_min_training_samples", "1001"},
                                   {"trades.ml_retrain_frequency", "hourly"},
                                   {"trades.allow_at", "1.5"},
                                   {"trades.ml_model_path", "/etc/model.pkl"},
                                   {"trades.ml_training_data_path", "../data.csv"}}) {
    const Result<Recipe> recipe = load({{key, value}});
    ASSERT_FALSE(recipe) << key << " " << value;
    EXPECT_NE(recipe.error().message.find(std::string(key).substr(7)), std::string::npos)
        << recipe.error().message;
  }
}

TEST(TradeRecipe, C3OtherInputsLabelsAndSignalsAreRefusedWithWhatToDo) {
  for (const auto& [key, value] : {std::pair{"features", "[rsi(14)]"},
                                   {"features", "[rsi, macd]"},
                                   {"label", "{kind: horizon_return}"},
                                   {"signal", "{kind: edge}"},
                                   {"baseline.rule", "trend"},
                                   {"triggers", "[{kind: trades}]"}}) {
    const Result<Recipe> recipe = load({{key, value}});
    ASSERT_FALSE(recipe) << key << " " << value;
    EXPECT_EQ(recipe.error().code, ErrorCode::bad_config);
  }
  for (const auto& [key, value] :
       {std::pair{"features", "[rsi, macd, macd_signal, adx, atr, ema_fast, ema_slow, volume, signal_type]"},
        {"label", "{kind: profitable}"},
        {"signal", "{kind: allow}"},
        {"baseline.rule", "allow"}}) {
    const Result<Recipe> recipe = load({{key, value}});
    EXPECT_TRUE(recipe) << key << ": " << recipe.error().message;
  }
  const std::string bars =
      "schema: 1\nrecipe: bars\nsymbols: [A]\nsource: {kind: simulated}\nfeatures: [clv]\n"
      "label: {kind: horizon_return}\nmodel: {kind: xgboost}\ngate: {policy: better}\n";
  EXPECT_FALSE(load_recipe(bars + "signal: {kind: allow}\n", "bars.yaml", {}));
  EXPECT_FALSE(load_recipe(bars + "signal: {kind: edge}\nbaseline: {rule: allow}\n", "bars.yaml", {}));
}

TEST(TradeRecipe, ATriggerOnDriftHasNothingToAskOfAFilter) {
  const Result<Recipe> recipe = load({{"triggers", "[{kind: drift}]"}});
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().code, ErrorCode::bad_config);
  EXPECT_NE(recipe.error().message.find("triggers.0: drift is not watched in a trade filter"),
            std::string::npos)
      << recipe.error().message;
  EXPECT_NE(recipe.error().message.find("take the trigger out"), std::string::npos);
}

TEST(TradeRecipe, ShippedTradeFilterIsSystemC) {
  const Result<Recipe> recipe =
      load_recipe_file((test::source_dir() / "config/trade-filter.yaml").string(), {});
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->line_ids(), std::vector<LineId>{"trade-filter/pool"});
  EXPECT_EQ(recipe->model.kind, "xgboost");
  EXPECT_EQ(recipe->model.settings.integer("trees"), 100);
  EXPECT_EQ(recipe->model.settings.integer("depth"), 3);
  EXPECT_EQ(recipe->gate.kind, "better");
  EXPECT_EQ(recipe->trades.holdout_share, 0.2);
  EXPECT_EQ(recipe->trades.allow_at, 0.5);
  EXPECT_EQ(recipe->trades.check_interval_ms, kHourMs);
  EXPECT_TRUE(recipe->trades.auto_retrain);
}

}  // namespace
}  // namespace pawl::recipe
