#include "stats/effective_size.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

TEST(EffectiveSize, OfIndependentRowsIsTheirNumber) {
  Random random(1);
  std::vector<double> series(20'000);
  for (double& value : series) value = random.normal();
  EXPECT_NEAR(effective_size(series) / 20'000, 1, 0.06);
}

// τ of an AR(1) is (1 + ρ) / (1 − ρ); of sums over ten neighbours it is ten.
TEST(EffectiveSize, OfKnownProcessesIsTheTheoreticalOne) {
  Random random(2);
  std::vector<double> series(40'000);
  double value = 0;
  for (double& one : series) one = value = 0.9 * value + random.normal();
  EXPECT_NEAR(autocorrelation_time(series) / 19, 1, 0.15);
  std::vector<double> parts(40'010);
  for (double& part : parts) part = random.normal();
  for (std::size_t i = 0; i < series.size(); ++i) {
    series[i] = 0;
    for (std::size_t k = 0; k < 10; ++k) series[i] += parts[i + k];
  }
  EXPECT_NEAR(autocorrelation_time(series) / 10, 1, 0.15);
}

TEST(EffectiveSize, IsNeverMoreThanTheRowsNorLessThanOne) {
  const std::vector<double> flat(50, 0.1), alternating = {1, -1, 1, -1, 1, -1, 1, -1};
  EXPECT_EQ(effective_size(flat), 50);
  EXPECT_EQ(effective_size(alternating), 8);
  EXPECT_EQ(effective_size({}), 0);
  std::vector<double> trend(100);
  for (std::size_t i = 0; i < trend.size(); ++i) trend[i] = static_cast<double>(i);
  EXPECT_GE(effective_size(trend), 1);
  EXPECT_LT(effective_size(trend), 5);
}

}  // namespace
}  // namespace pawl::stats
