#include "judging/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace pawl::judging {
namespace {

Side side_of(SignalRule rule, std::vector<double> probabilities) {
  return rule.side(probabilities);
}

TEST(SignalRule, AnEdgeIsTheDistanceFromAHalf) {
  const SignalRule rule{.kind = SignalRule::Kind::edge, .min_edge = 0.02};
  EXPECT_EQ(side_of(rule, {0.48, 0.52}), Side::buy);
  EXPECT_EQ(side_of(rule, {0.481, 0.519}), Side::hold);
  EXPECT_EQ(side_of(rule, {0.52, 0.48}), Side::sell);
  EXPECT_EQ(side_of(rule, {0.519, 0.481}), Side::hold);
}

TEST(SignalRule, AnEdgeOfNothingAllowsAtAHalf) {
  const SignalRule rule{.kind = SignalRule::Kind::edge, .min_edge = 0};
  EXPECT_EQ(side_of(rule, {0.5, 0.5}), Side::buy);
  EXPECT_EQ(side_of(rule, {0.51, 0.49}), Side::sell);
}

TEST(SignalRule, AnEdgeAmongThreeClassesAsksForMoreThanHalf) {
  const SignalRule rule{.kind = SignalRule::Kind::edge, .min_edge = 0.1};
  EXPECT_EQ(side_of(rule, {0.1, 0.28, 0.62}), Side::buy);
  EXPECT_EQ(side_of(rule, {0.62, 0.3, 0.08}), Side::sell);
  EXPECT_EQ(side_of(rule, {0.1, 0.35, 0.55}), Side::hold);
}

TEST(SignalRule, C6AFilterAllowsFromItsThresholdOnAndNeverSells) {
  const SignalRule rule{.kind = SignalRule::Kind::allow, .min_probability = 0.5};
  EXPECT_EQ(side_of(rule, {0.5, 0.5}), Side::buy);
  EXPECT_EQ(side_of(rule, {0.51, 0.49}), Side::hold);
  EXPECT_EQ(side_of(rule, {1, 0}), Side::hold);
}

TEST(SignalRule, TheTopClassMustBeLikelyEnoughAndNotHold) {
  const SignalRule rule{.kind = SignalRule::Kind::top_class, .min_probability = 0.45};
  EXPECT_EQ(side_of(rule, {0.2, 0.35, 0.45}), Side::buy);
  EXPECT_EQ(side_of(rule, {0.46, 0.30, 0.24}), Side::sell);
  EXPECT_EQ(side_of(rule, {0.2, 0.6, 0.2}), Side::hold);
  EXPECT_EQ(side_of(rule, {0.3, 0.26, 0.44}), Side::hold) << "on top, but under 0.45";
  EXPECT_EQ(side_of(rule, {0.46, 0.08, 0.46}), Side::hold) << "two on top are none";
}

TEST(PredictedClass, IsTheMostProbableAndNeverAGuessBetweenTwo) {
  const auto predicted = [](std::vector<double> probabilities) { return predicted_class(probabilities); };
  EXPECT_EQ(predicted({0.5, 0.5}), 1);
  EXPECT_EQ(predicted({0.6, 0.4}), 0);
  EXPECT_EQ(predicted({0.5, 0.2, 0.3}), 0);
  EXPECT_EQ(predicted({0.2, 0.3, 0.5}), 2);
  EXPECT_EQ(predicted({0.4, 0.2, 0.4}), 1);
  EXPECT_EQ(predicted({0.2, 0.4, 0.4}), 1);
}

TEST(RocAuc, CountsPairsWonAndTiesByHalf) {
  const std::vector<double> scores = {0.1, 0.4, 0.35, 0.8};
  EXPECT_EQ(roc_auc(scores, std::vector<int>{0, 0, 1, 1}), 0.75);
  EXPECT_EQ(roc_auc(std::vector<double>{0.5, 0.5}, std::vector<int>{0, 1}), 0.5);
  EXPECT_EQ(roc_auc(std::vector<double>{0.9, 0.1}, std::vector<int>{0, 1}), 0.0);
  EXPECT_FALSE(roc_auc(scores, std::vector<int>{1, 1, 1, 1}).has_value());
  EXPECT_FALSE(roc_auc(scores, std::vector<int>{0, 0, 0, 0}).has_value());
  EXPECT_FALSE(roc_auc({}, {}).has_value());
}

TEST(RocAuc, AgreesWithCountingEveryPair) {
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    const std::size_t count = 2 + random.below(120);
    const std::uint64_t distinct = 1 + random.below(30);  // few distinct scores make many ties
    std::vector<double> scores(count);
    std::vector<int> positives(count);
    for (std::size_t i = 0; i < count; ++i) {
      scores[i] = static_cast<double>(random.below(distinct)) / 30;
      positives[i] = random.below(3) == 0 ? 1 : 0;
    }
    long double won = 0, pairs = 0;
    for (std::size_t p = 0; p < count; ++p) {
      for (std::size_t n = 0; n < count; ++n) {
        if (positives[p] != 1 || positives[n] != 0) continue;
        ++pairs;
        won += scores[p] > scores[n] ? 1.0L : scores[p] == scores[n] ? 0.5L : 0.0L;
      }
    }
    const auto auc = roc_auc(scores, positives);
    ASSERT_EQ(auc.has_value(), pairs > 0);
    if (auc) {
      ASSERT_NEAR(*auc, static_cast<double>(won / pairs), 1e-12);
    }
  }
}

TEST(SharpeRatio, IsTheMeanOverTheSampleDeviationAnnualised) {
  // Mean 0.01, sample variance (0.01² + 0.01²) / 2 = 0.0001.
  EXPECT_NEAR(*sharpe_ratio(std::vector<double>{0.00, 0.01, 0.02}, 252), std::sqrt(252.0), 1e-12 * 252);
  EXPECT_NEAR(*sharpe_ratio(std::vector<double>{-0.01, 0.01}, 1), 0, 1e-12);
}

TEST(SharpeRatio, OfReturnsThatDoNotVaryIsUndefinedNotInfinite) {
  EXPECT_FALSE(sharpe_ratio({}, 252).has_value());
  EXPECT_FALSE(sharpe_ratio(std::vector<double>{0.01}, 252).has_value());
  EXPECT_FALSE(sharpe_ratio(std::vector<double>(50, 0.0), 252).has_value());
  EXPECT_FALSE(sharpe_ratio(std::vector<double>(50, 0.001), 252).has_value());
  // A market that grows by the same rate each bar: returns differ in their last bits only.
  std::vector<double> returns;
  double price = 100;
  for (int i = 0; i < 1000; ++i) {
    const double next = price * 1.0001;
    returns.push_back(next / price - 1);
    price = next;
  }
  EXPECT_FALSE(sharpe_ratio(returns, 252).has_value());
}

TEST(MaxDrawdown, IsTheDeepestFallFromTheHighestWealth) {
  EXPECT_EQ(max_drawdown({}), 0);
  EXPECT_EQ(max_drawdown(std::vector<double>{0.1, 0.2}), 0);
  EXPECT_NEAR(max_drawdown(std::vector<double>{0.5, -0.2, 0.1, -0.5, 2.0}), 1 - 0.8 * 1.1 * 0.5, 1e-12);
  EXPECT_NEAR(max_drawdown(std::vector<double>{-0.1}), 0.1, 1e-12) << "the start is the first height";
  EXPECT_EQ(max_drawdown(std::vector<double>{-1.5, 3.0}), 1) << "all is all there is to lose";
}

TEST(ProfitFactor, IsGainsOverLosses) {
  EXPECT_NEAR(*profit_factor(std::vector<double>{0.03, -0.01, 0.01, -0.01}), 2, 1e-12);
  EXPECT_NEAR(*profit_factor(std::vector<double>{-0.01}), 0, 1e-12);
  EXPECT_FALSE(profit_factor(std::vector<double>{0.03, 0.0}).has_value());
  EXPECT_FALSE(profit_factor({}).has_value());
}

TEST(BreakEvenRate, IsWhereTheMeanTradeEarnsNothing) {
  const double win = 0.012, loss = 0.008, cost = 0.001;
  const double rate = *break_even_rate(win, loss, cost);
  EXPECT_NEAR(rate, 0.45, 1e-12);
  EXPECT_NEAR(rate * win - (1 - rate) * loss - cost, 0, 1e-15);
  EXPECT_NEAR(*break_even_rate(0.01, 0.01, 0.02), 1.5, 1e-12) << "costs that no win rate can pay";
  EXPECT_FALSE(break_even_rate(0, 0, 0.001).has_value());
}

}  // namespace
}  // namespace pawl::judging
