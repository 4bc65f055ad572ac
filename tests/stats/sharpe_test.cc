#include "stats/sharpe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

// gates.md §3, which is the example of Bailey & López de Prado 2014: 2.5 a year of 250 days, five years.
TEST(DeflatedSharpe, IsThePublishedExample) {
  const double sharpe = 2.5 / std::sqrt(250), variance = 0.5 / 250;
  EXPECT_NEAR(expected_best_sharpe(variance, 100), 0.113172, 5e-7);
  EXPECT_NEAR(deflated_sharpe(sharpe, 1250, -3, 10, variance, 100).value(), 0.900397, 5e-7);
  EXPECT_NEAR(deflated_sharpe(sharpe, 1250, -3, 10, variance, 46).value(), 0.950502, 5e-7);
}

// gates.md §2: why it is evidence and no condition. A true ratio of 2 a year is not seen in 60 days.
TEST(DeflatedSharpe, OfAGoodStrategyOverSixtyDaysIsNotConvincingEvenAtOneTrial) {
  const double sharpe = 2 / std::sqrt(250);
  EXPECT_NEAR(deflated_sharpe(sharpe, 60, 0, 3, 0.5 / 250, 1).value(), 0.835, 0.003);
  EXPECT_EQ(deflated_sharpe(sharpe, 60, 0, 3, 0.5 / 250, 1), probabilistic_sharpe(sharpe, 0, 60, 0, 3));
}

TEST(DeflatedSharpe, OneTrialIsNotChosenAmongAny) {
  EXPECT_EQ(expected_best_sharpe(0.01, 1), 0);
  EXPECT_EQ(expected_best_sharpe(0.01, 0), 0);
  EXPECT_GT(expected_best_sharpe(0.01, 2), 0);
  EXPECT_EQ(expected_best_sharpe(0, 50), 0);
}

TEST(DeflatedSharpe, IsMissingWhereItIsNotDefined) {
  EXPECT_FALSE(probabilistic_sharpe(0.1, 0, 1, 0, 3).has_value());
  EXPECT_FALSE(probabilistic_sharpe(1, 0, 100, 5, 3).has_value()) << "1 − 5 + ½ is below 0";
}

// The best of N by simulation: the formula is good to a few hundredths from ten trials on.
TEST(DeflatedSharpe, ExpectedBestIsWhatTheBestOfManyShows) {
  Random random(5);
  double sum = 0;
  constexpr int kTimes = 4000;
  for (int i = 0; i < kTimes; ++i) {
    double best = -100;
    for (int trial = 0; trial < 50; ++trial) best = std::max(best, random.normal());
    sum += best / kTimes;
  }
  EXPECT_NEAR(expected_best_sharpe(1, 50), sum, 0.04);
}

TEST(ReturnMoments, AreThoseOfTheTextbook) {
  const std::vector<double> returns = {0, 0, 0, 4};
  const ReturnMoments moments = return_moments(returns).value();
  EXPECT_EQ(moments.mean, 1);
  EXPECT_EQ(moments.deviation, 2) << "12 / 3";
  EXPECT_NEAR(moments.skewness, 6 / std::pow(3, 1.5), 1e-12);  // (27 − 3) / 4 over 3^1.5
  EXPECT_NEAR(moments.kurtosis, 21.0 / 9, 1e-12);              // (81 + 3) / 4 over 9
  EXPECT_EQ(moments.sharpe(), 0.5);
}

TEST(ReturnMoments, OfReturnsThatDoNotVaryAreMissingNotInfinite) {
  EXPECT_FALSE(return_moments(std::vector<double>(20, 0.001)).has_value());
  EXPECT_FALSE(return_moments(std::vector<double>{0.5}).has_value());
  EXPECT_FALSE(return_moments({}).has_value());
}

}  // namespace
}  // namespace pawl::stats
