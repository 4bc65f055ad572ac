#include "stats/paired_tests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

// Without overlap it is Student's test of one sample, to the last digit: t = 3√2 of 1 … 5.
TEST(DieboldMariano, AtHorizonOneIsStudentsTest) {
  const DieboldMariano found = diebold_mariano(std::vector<double>{1, 2, 3, 4, 5}, 1).value();
  EXPECT_NEAR(found.statistic, 3 * std::sqrt(2), 1e-12);
  EXPECT_NEAR(found.p_two_sided, 0.01324, 5e-6);
  EXPECT_NEAR(found.p_greater, found.p_two_sided / 2, 1e-15);
}

// By hand: γ₀ = 10/6, γ₁ = −5/6, LRV = 5/6, correction √(10/18): 2. t(5) has 0.10194 outside ±2.
TEST(DieboldMariano, AtHorizonTwoByHand) {
  const DieboldMariano found = diebold_mariano(std::vector<double>{2, 0, 1, 3, -1, 1}, 2).value();
  EXPECT_NEAR(found.statistic, 2, 1e-12);
  EXPECT_NEAR(found.p_two_sided, 0.10194, 5e-6);
}

TEST(DieboldMariano, IsMissingWithoutVarianceOrRows) {
  EXPECT_FALSE(diebold_mariano(std::vector<double>(30, 0.1), 1).has_value());
  EXPECT_FALSE(diebold_mariano(std::vector<double>{1, 2, 3}, 3).has_value());
  EXPECT_FALSE(diebold_mariano({}, 1).has_value());
}

TEST(DieboldMariano, TakesOverlapIntoAccount) {
  Random random(8);
  int plain = 0, corrected = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<double> parts(610), series(600);
    for (double& part : parts) part = random.normal();
    for (std::size_t row = 0; row < series.size(); ++row) {
      for (std::size_t k = 0; k < 10; ++k) series[row] += parts[row + k];
    }
    plain += diebold_mariano(series, 1)->p_greater < 0.05 ? 1 : 0;
    corrected += diebold_mariano(series, 10)->p_greater < 0.05 ? 1 : 0;
  }
  EXPECT_GT(plain, 0.2 * 400);
  EXPECT_LT(corrected, 0.16 * 400) << "Bartlett's weights see half of it, which is why the bootstrap judges";
}

// gates.md §3.
TEST(McNemarTest, HasTheReferenceValues) {
  const McNemar found = mcnemar(10, 25).value();
  EXPECT_NEAR(found.p_exact, 0.016674, 5e-7);
  EXPECT_NEAR(found.p_mid, 0.011331, 5e-7);
  EXPECT_NEAR(found.statistic, 6.4286, 5e-5);
  EXPECT_NEAR(found.p_chi2, 0.01123, 5e-5);
  EXPECT_EQ(mcnemar(25, 10)->p_exact, found.p_exact);
}

TEST(McNemarTest, IsCappedAtOneAndMissingWhereNothingDiffers) {
  EXPECT_EQ(mcnemar(4, 4)->p_exact, 1);
  EXPECT_NEAR(mcnemar(4, 4)->p_mid, 1, 1e-12);
  EXPECT_FALSE(mcnemar(0, 0).has_value());
}

// gates.md §3: two equal models, a look every 50 of 5,000 rows.
TEST(McNemarTest, LookedAtAgainAndAgainFindsSomethingInThreeStreamsOfTen) {
  Random random(12);
  int alarms = 0;
  constexpr int kStreams = 1000;
  for (int stream = 0; stream < kStreams; ++stream) {
    std::int64_t first = 0, second = 0;
    bool alarm = false;
    for (int row = 1; row <= 5000 && !alarm; ++row) {
      const std::uint64_t drawn = random.below(4);  // both right, both wrong, or one of the two
      first += drawn == 0 ? 1 : 0;
      second += drawn == 1 ? 1 : 0;
      if (row % 50 != 0) continue;
      const auto found = mcnemar(first, second);
      alarm = found && found->p_exact < 0.05;
    }
    alarms += alarm ? 1 : 0;
  }
  EXPECT_NEAR(alarms / double{kStreams}, 0.29, 0.05);
}

// Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29, at 95 %.
TEST(ShareInterval, IsWilsons) {
  const auto expect = [](std::int64_t hits, std::int64_t trials, double low, double high) {
    const Interval found = share_interval(hits, trials, 0.95);
    EXPECT_NEAR(found.low, low, 5e-5) << hits;
    EXPECT_NEAR(found.high, high, 5e-5) << hits;
  };
  expect(81, 263, 0.2553, 0.3662);
  expect(15, 148, 0.0624, 0.1605);
  expect(0, 20, 0, 0.1611);
  expect(1, 29, 0.0061, 0.1718);
  expect(20, 20, 1 - 0.1611, 1);
  expect(0, 0, 0, 1);
}

// 1 … 5 at 95 %: 3 ± 2.776 · √(2.5 / 5).
TEST(StudentInterval, IsTheTextbooks) {
  const Interval found = student_interval(std::vector<double>{1, 2, 3, 4, 5}, 0.95).value();
  EXPECT_NEAR(found.low, 3 - 2.776445 * std::sqrt(0.5), 1e-5);
  EXPECT_NEAR(found.high, 3 + 2.776445 * std::sqrt(0.5), 1e-5);
  EXPECT_EQ(student_interval(std::vector<double>{2, 2}, 0.9)->low, 2);
  EXPECT_FALSE(student_interval(std::vector<double>{2}, 0.9).has_value());
}

}  // namespace
}  // namespace pawl::stats
