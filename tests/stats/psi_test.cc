#include "stats/psi.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

// gates.md §4.
TEST(Psi, OfUniformDecilesAndAHumpIsTheReferenceValue) {
  const std::vector<double> uniform(10, 100);
  const std::vector<double> hump = {50, 80, 100, 120, 150, 150, 120, 100, 80, 50};
  EXPECT_NEAR(psi(uniform, hump).value(), 0.126080, 5e-7);
  EXPECT_NEAR(psi(hump, uniform).value(), 0.126080, 5e-7) << "it has no direction";
  EXPECT_EQ(psi(uniform, uniform), 0);
}

TEST(Psi, OfTwoSamplesOfOneDistributionHasTheStatedMeanAndLimit) {
  EXPECT_NEAR(psi_null_mean(10, 100, 100), 0.18, 1e-12);
  // χ²(9) has its upper 5 % at 16.919.
  EXPECT_NEAR(psi_limit(10, 100, 100, 0.05), 16.919 * 0.02, 1e-4);
  constexpr int kRows = 1000, kSamples = 2000;
  const double limit = psi_limit(10, kRows, kRows, 0.05);
  double sum = 0;
  int above = 0;
  Random random(7);
  for (int i = 0; i < kSamples; ++i) {
    std::vector<double> a(10), b(10);
    for (int row = 0; row < kRows; ++row) {
      ++a[random.below(10)];
      ++b[random.below(10)];
    }
    const double index = psi(a, b).value();
    sum += index;
    above += index > limit ? 1 : 0;
  }
  EXPECT_NEAR(sum / kSamples / psi_null_mean(10, kRows, kRows), 1, 0.05);
  EXPECT_NEAR(above / double{kSamples}, 0.05, 0.015);
}

TEST(Psi, StaysFiniteWithEmptyBinsAndIsMissingWithoutRows) {
  const std::vector<double> full = {10, 10}, half = {20, 0}, none = {0, 0};
  EXPECT_NEAR(psi(full, half).value(), (0.5 - 1) * std::log(0.5) + (0.5 - 0.025) * std::log(20.0), 1e-12);
  EXPECT_EQ(psi(half, half), 0) << "a bin empty on both sides says nothing";
  EXPECT_FALSE(psi(full, none).has_value());
  EXPECT_FALSE(psi(none, full).has_value());
}

}  // namespace
}  // namespace pawl::stats
