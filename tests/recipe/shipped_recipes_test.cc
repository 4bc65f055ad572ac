// The recipes that ship load, and say what the systems they stand for do.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "features/engine.h"
#include "recipe/recipe.h"
#include "support/test_files.h"

namespace pawl::recipe {
namespace {

std::string config(const std::string& name) {
  return (test::source_dir() / "config" / name).string();
}

TEST(ShippedRecipes, AllLoadAndAreNamedLikeTheirFile) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() / "config")) {
    if (entry.path().extension() != ".yaml") continue;
    const Result<Recipe> recipe = load_recipe_file(entry.path().string(), {});
    ASSERT_TRUE(recipe) << recipe.error().message;
    EXPECT_EQ(recipe->name, entry.path().stem().string());
    ++count;
  }
  EXPECT_GE(count, 1);
}

TEST(ShippedRecipes, CryptoLiveIsSystemB) {
  const Result<Recipe> recipe = load_recipe_file(config("crypto-live.yaml"), {});
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->line_of(recipe->symbols.at(0)), "crypto-live/BTC_USDT");
  EXPECT_EQ(recipe->base, kH1);
  EXPECT_EQ(recipe->label.settings.integer("horizon_bars"), 3);
  EXPECT_EQ(recipe->label.settings.integer("classes"), 2);
  EXPECT_EQ(recipe->model.kind, "xgboost");
  EXPECT_EQ(recipe->model.settings.integer("trees"), 200);
  EXPECT_EQ(recipe->model.settings.integer("depth"), 4);
  EXPECT_EQ(recipe->gate.kind, "better");
  EXPECT_DOUBLE_EQ(recipe->signal.min_edge, 0.02);
  EXPECT_DOUBLE_EQ(recipe->costs.per_side_bp, 5);
  EXPECT_EQ(recipe->validation.window_ms, 180 * kDayMs);
  EXPECT_EQ(recipe->validation.judged_ms, 60 * kDayMs);
  EXPECT_EQ(recipe->validation.min_bars, 1000);
  EXPECT_EQ(recipe->validation.min_judged_rows, 200);
  EXPECT_EQ(recipe->training.cooldown_ms, 24 * kHourMs);
  ASSERT_EQ(recipe->triggers.size(), 2u);
  const Settings& b4 = recipe->triggers[1].settings;
  EXPECT_TRUE(b4.boolean("enabled"));
  EXPECT_EQ(b4.integer("min_trades_before_retrain"), 50);
  EXPECT_DOUBLE_EQ(b4.number("max_days_between_retrain"), 30);
  EXPECT_DOUBLE_EQ(b4.number("min_win_rate_threshold"), 0.45);
}

TEST(ShippedRecipes, CryptoLiveHasTwentyEightFeaturesFreeOfThePriceLevel) {
  const Result<Recipe> recipe = load_recipe_file(config("crypto-live.yaml"), {});
  ASSERT_TRUE(recipe) << recipe.error().message;
  const auto list = features::FeatureList::parse(recipe->features, recipe->base, recipe->calendar);
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 28u);
  const auto& specs = list->specs();
  EXPECT_NE(std::find(specs.begin(), specs.end(), "clv"), specs.end());
  EXPECT_NE(std::find(specs.begin(), specs.end(), "lag(clv,1)"), specs.end());

  // The same bars at a hundred times the price and ten times the volume give the same rows.
  BarSeries low, high;
  double price = 100;
  for (int i = 0; i < 600; ++i) {
    const double close = price * (1 + 0.01 * ((i * 7919) % 13 - 6) / 6.0);
    const double top = std::max(price, close) * 1.002, bottom = std::min(price, close) * 0.997;
    const TimeMs open_time = 1'672'531'200'000 + i * kHourMs;
    const double volume = 50 + (i * 31) % 17;
    low.append({open_time, open_time + kHourMs, price, top, bottom, close, volume});
    high.append(
        {open_time, open_time + kHourMs, price * 100, top * 100, bottom * 100, close * 100, volume * 10});
    price = close;
  }
  const auto rows_of = [&](const BarSeries& bars) {
    std::vector<double> rows(bars.size() * list->size());
    std::vector<std::uint8_t> ready(bars.size());
    features::Engine engine(*list);
    engine.update(bars.all(), rows, ready);
    EXPECT_TRUE(ready.back());
    return std::vector<double>(rows.end() - static_cast<std::ptrdiff_t>(list->size()), rows.end());
  };
  const std::vector<double> at_low = rows_of(low), at_high = rows_of(high);
  for (std::size_t i = 0; i < list->size(); ++i) {
    EXPECT_NEAR(at_low[i], at_high[i], 1e-6 * (1 + std::abs(at_low[i]))) << specs[i];
  }
}

}  // namespace
}  // namespace pawl::recipe
