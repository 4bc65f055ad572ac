#include "judging/running.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace pawl::judging {
namespace {

constexpr Costs kTenBp = {.per_side_bp = 10};

TEST(StrategyTracker, OneSignalFillsAtTheNextOpenAndPaysForTheChange) {
  StrategyTracker strategy(kTenBp, 1);
  EXPECT_NEAR(strategy.push(Side::buy, 100, 101, true), 0.01 - 0.001, 1e-12);
  EXPECT_EQ(strategy.position(), 1);
  EXPECT_NEAR(strategy.push(Side::buy, 101, 100, true), 100.0 / 101 - 1, 1e-12)
      << "nothing changed, nothing paid";
  EXPECT_NEAR(strategy.push(Side::sell, 100, 98, true), 0.02 - 0.002, 1e-12) << "turned round: two units";
  EXPECT_NEAR(strategy.push(Side::hold, 98, 90, true), -0.001, 1e-12) << "flat: the cost of leaving only";
  EXPECT_EQ(strategy.position(), 0);
  EXPECT_EQ(strategy.trades(), 3);
  EXPECT_EQ(strategy.bars(), 4);
  EXPECT_NEAR(strategy.turnover(), 4, 1e-12);
  EXPECT_NEAR(strategy.costs_paid(), 0.004, 1e-12);
  EXPECT_NEAR(*strategy.exposure(), 0.75, 1e-12);
}

TEST(StrategyTracker, HoldsTheMeanOfTheLastHSignals) {
  StrategyTracker strategy({}, 4);
  const std::vector<Side> signals = {Side::buy, Side::buy, Side::hold, Side::sell, Side::sell, Side::sell};
  const std::vector<double> positions = {0.25, 0.5, 0.5, 0.25, -0.25, -0.75};
  for (std::size_t i = 0; i < signals.size(); ++i) {
    EXPECT_NEAR(strategy.push(signals[i], 100, 110, true), positions[i] * 0.1, 1e-12);
    EXPECT_EQ(strategy.position(), positions[i]);
  }
}

TEST(StrategyTracker, ClosesAtABreakAndForgetsEarlierSignals) {
  StrategyTracker strategy(kTenBp, 2);
  EXPECT_NEAR(strategy.push(Side::buy, 100, 102, true), 0.5 * 0.02 - 0.5 * 0.001, 1e-12);
  // Up to a whole unit at 102, out of it at 104.
  EXPECT_NEAR(strategy.push(Side::buy, 102, 104, false), (104.0 / 102 - 1) - 0.5 * 0.001 - 0.001, 1e-12);
  EXPECT_EQ(strategy.position(), 0);
  EXPECT_NEAR(strategy.push(Side::hold, 200, 300, true), 0, 1e-12) << "the old BUY is forgotten";
  EXPECT_EQ(strategy.trades(), 3);
}

TEST(StrategyTracker, PipsAreChargedAtThePriceOfEachFill) {
  StrategyTracker strategy({.per_side_pips = 0.5}, 1);
  EXPECT_NEAR(strategy.push(Side::buy, 1.10, 1.21, false), 0.1 - 0.00005 / 1.10 - 0.00005 / 1.21, 1e-12);
}

// With no cost the strategy is nothing but h overlapping trades of 1/h each: the sum over bars is the sum
// over signals of what their h bars gave.
TEST(StrategyTracker, IsTheSumOfOverlappingTranches) {
  Random random(5);
  constexpr std::size_t kBars = 400, kHorizon = 7;
  std::vector<double> opens = {100};
  for (std::size_t i = 0; i < kBars + 1; ++i) opens.push_back(opens.back() * (1 + 0.01 * random.normal()));
  std::vector<int> signals;
  StrategyTracker strategy({}, kHorizon);
  long double by_bars = 0, by_signals = 0;
  for (std::size_t t = 0; t < kBars; ++t) {
    const int signal = static_cast<int>(random.below(3)) - 1;
    by_bars +=
        static_cast<long double>(strategy.push(static_cast<Side>(signal), opens[t], opens[t + 1], true));
    for (std::size_t held = t; held < std::min(t + kHorizon, kBars); ++held) {
      by_signals += signal * (static_cast<long double>(opens[held + 1]) / opens[held] - 1) / kHorizon;
    }
  }
  EXPECT_NEAR(static_cast<double>(by_bars), static_cast<double>(by_signals), 1e-12);
}

TEST(RunningReturns, AgreeWithTwoPassesInLongDouble) {
  Random random(8);
  std::vector<double> returns;
  RunningReturns running;
  for (int i = 0; i < 5000; ++i) {
    returns.push_back(0.0005 + 0.01 * random.normal());
    running.push(returns.back());
  }
  long double sum = 0, squares = 0, wealth = 1, peak = 1, fall = 0, gains = 0, losses = 0;
  for (const double r : returns) sum += r;
  const long double mean = sum / returns.size();
  for (const double r : returns) {
    squares += (r - mean) * (r - mean);
    wealth *= 1 + static_cast<long double>(r);
    peak = std::max(peak, wealth);
    fall = std::max(fall, (peak - wealth) / peak);
    (r > 0 ? gains : losses) += std::abs(r);
  }
  const long double variance = squares / (returns.size() - 1);
  EXPECT_EQ(running.count(), 5000);
  EXPECT_NEAR(running.mean(), static_cast<double>(mean), 1e-12);
  EXPECT_NEAR(*running.variance(), static_cast<double>(variance), 1e-12);
  EXPECT_NEAR(*running.sharpe(252), static_cast<double>(mean / std::sqrt(variance) * std::sqrt(252.0L)),
              1e-12);
  EXPECT_NEAR(running.total_return() / static_cast<double>(wealth - 1), 1, 1e-12);
  EXPECT_NEAR(*running.annual_return(252) / static_cast<double>(std::pow(wealth, 252.0L / 5000) - 1), 1,
              1e-12);
  EXPECT_NEAR(running.max_drawdown(), static_cast<double>(fall), 1e-12);
  EXPECT_NEAR(*running.profit_factor(), static_cast<double>(gains / losses), 1e-12);
}

TEST(RunningReturns, AnnualiseByCompounding) {
  RunningReturns running;
  EXPECT_FALSE(running.annual_return(252).has_value());
  running.push(0.1);
  running.push(0.1);
  EXPECT_NEAR(running.total_return(), 0.21, 1e-12);
  EXPECT_NEAR(*running.annual_return(4), 1.21 * 1.21 - 1, 1e-12);
  EXPECT_FALSE(running.annual_return(1e6).has_value()) << "1.1^500000 is no number to show";
}

TEST(RunningReturns, ABarThatLosesAllEndsIt) {
  RunningReturns running;
  running.push(-1.2);
  running.push(5);
  EXPECT_EQ(running.total_return(), -1);
  EXPECT_EQ(*running.annual_return(252), -1);
  EXPECT_EQ(running.max_drawdown(), 1);
}

}  // namespace
}  // namespace pawl::judging
