// How a position between a stop and a target ends, by hand.
#include "labels/bracket.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace pawl::labels {
namespace {

// Stop 1.5 and target 2 below and above an entry of 100 with an ATR of 1, mirrored for a sale.
constexpr BracketRules kRules{.stop_atr = 1.5, .target_atr = 2.0, .bars_max = 2};

Bar bar(double open, double high, double low) {
  return {
      .open_time = 0, .close_time = 1, .open = open, .high = high, .low = low, .close = open, .volume = 0};
}

struct Case {
  const char* what;
  Side side;
  std::vector<Bar> bars;
  std::optional<double> exit;  // in the last of them
};

TEST(Bracket, C6EndsAtStopTargetOrTime) {
  const std::vector<Case> cases = {
      {"nothing happens", Side::buy, {bar(100, 101.9, 98.6)}, {}},
      {"the stop is touched", Side::buy, {bar(100, 101, 98.5)}, 98.5},
      {"the target is touched", Side::buy, {bar(100, 102, 99)}, 102.0},
      {"both are touched: the stop", Side::buy, {bar(100, 103, 98)}, 98.5},
      {"the market jumps over the stop", Side::buy, {bar(100, 101, 99), bar(95, 96, 94)}, 95.0},
      {"the market jumps over the target", Side::buy, {bar(100, 101, 99), bar(105, 106, 97)}, 105.0},
      {"time is up at the third open",
       Side::buy,
       {bar(100, 101, 99), bar(100, 101, 99), bar(101, 110, 90)},
       101.0},
      {"a sale's stop is above", Side::sell, {bar(100, 101.5, 99)}, 101.5},
      {"a sale's target is below", Side::sell, {bar(100, 101, 98)}, 98.0},
      {"a sale touches both: the stop", Side::sell, {bar(100, 103, 97)}, 101.5},
      {"a sale jumps over its stop", Side::sell, {bar(100, 101, 99), bar(104, 105, 97)}, 104.0},
  };
  for (const Case& one : cases) {
    auto bracket = Bracket::open(kRules, one.side, 100, 1);
    ASSERT_TRUE(bracket);
    for (std::size_t i = 0; i + 1 < one.bars.size(); ++i)
      EXPECT_FALSE(bracket->step(one.bars[i])) << one.what;
    EXPECT_EQ(bracket->step(one.bars.back()), one.exit) << one.what;
  }
}

TEST(Bracket, C6ProfitIsAfterBothSidesCosts) {
  const Costs ten_bp{.per_side_bp = 10};
  EXPECT_NEAR(Bracket::open(kRules, Side::buy, 100, 1)->pnl_pct(102, ten_bp), 2 - 0.2, 1e-12);
  EXPECT_NEAR(Bracket::open(kRules, Side::sell, 100, 1)->pnl_pct(102, ten_bp), -2 - 0.2, 1e-12);
}

TEST(Bracket, C6WithoutSidePriceOrRangeThereIsNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(Bracket::open(kRules, Side::hold, 100, 1));
  for (const double bad : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(Bracket::open(kRules, Side::buy, bad, 1));
    EXPECT_FALSE(Bracket::open(kRules, Side::buy, 100, bad));
  }
}

}  // namespace
}  // namespace pawl::labels
