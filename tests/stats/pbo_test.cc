#include "stats/pbo.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

std::vector<double> noise(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values(count);
  for (double& value : values) value = random.normal();
  return values;
}

// gates.md §3.
TEST(BacktestOverfitting, OfPureNoiseIsAboutAHalf) {
  double sum = 0;
  constexpr int kTimes = 60;
  for (std::uint64_t seed = 0; seed < kTimes; ++seed) {
    const Overfitting found = backtest_overfitting(noise(20 * 10, seed), 20, 10).value();
    EXPECT_EQ(found.splits, 252u);
    sum += found.probability / kTimes;
  }
  EXPECT_NEAR(sum, 0.5, 0.06);
}

TEST(BacktestOverfitting, OfARealWinnerIsNone) {
  std::vector<double> performance = noise(20 * 10, 3);
  for (std::size_t block = 0; block < 10; ++block) performance[7 * 10 + block] += 4;
  const Overfitting found = backtest_overfitting(performance, 20, 10).value();
  EXPECT_EQ(found.probability, 0);
  EXPECT_GT(found.median_logit, 2);
}

// Two blocks, three trials, by hand: the best of block 0 is trial 0, last of block 1 (ω = 1/4); the best of
// block 1 is trial 2, first of the other two's… last but one of block 0 (ω = 2/4).
TEST(BacktestOverfitting, ByHand) {
  const std::vector<double> performance = {3, 0, 1, 1, 2, 2};
  const Overfitting found = backtest_overfitting(performance, 3, 2).value();
  EXPECT_EQ(found.splits, 2u);
  EXPECT_EQ(found.probability, 1);
  EXPECT_NEAR(found.median_logit, (-1.0986122886681098 + 0) / 2, 1e-12);
}

TEST(BacktestOverfitting, IsMissingWhereItSaysNothing) {
  EXPECT_FALSE(backtest_overfitting(noise(6, 1), 1, 6).has_value());
  EXPECT_FALSE(backtest_overfitting(noise(10, 1), 2, 5).has_value());
  EXPECT_FALSE(backtest_overfitting(noise(44, 1), 2, 22).has_value());
  EXPECT_FALSE(backtest_overfitting(std::vector<double>(24, 0.5), 4, 6).has_value());
}

}  // namespace
}  // namespace pawl::stats
