#include "stats/kolmogorov_smirnov.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

TEST(KolmogorovSmirnov, DistanceIsTheLargestGapWithTiesPassedTogether) {
  EXPECT_EQ(ks_distance(std::vector<double>{1, 2, 3}, std::vector<double>{1, 2, 3}), 0);
  EXPECT_EQ(ks_distance(std::vector<double>{1, 2}, std::vector<double>{3, 4}), 1);
  EXPECT_EQ(ks_distance(std::vector<double>{1, 2, 3, 4}, std::vector<double>{3, 4, 5, 6}), 0.5);
  EXPECT_NEAR(ks_distance(std::vector<double>{0, 0, 0, 1}, std::vector<double>{0, 1, 1}), 0.75 - 1.0 / 3,
              1e-15);
}

// The tables of Kolmogorov's distribution: 10 %, 5 % and 1 % at these.
TEST(KolmogorovSmirnov, TailIsTheTabulatedOne) {
  EXPECT_NEAR(kolmogorov_tail(1.2238), 0.10, 1e-4);
  EXPECT_NEAR(kolmogorov_tail(1.3581), 0.05, 1e-4);
  EXPECT_NEAR(kolmogorov_tail(1.6276), 0.01, 1e-4);
  EXPECT_NEAR(kolmogorov_tail(1), 0.2699996717, 1e-9);
  EXPECT_EQ(kolmogorov_tail(0), 1);
  EXPECT_NEAR(kolmogorov_tail(0.2), 1, 1e-10) << "where the series is cut off";
}

TEST(KolmogorovSmirnov, RejectsAsOftenAsItSays) {
  Random random(3);
  int rejected = 0;
  constexpr int kSamples = 1500;
  for (int i = 0; i < kSamples; ++i) {
    std::vector<double> a(200), b(300);
    for (double& value : a) value = random.normal();
    for (double& value : b) value = random.normal();
    std::ranges::sort(a);
    std::ranges::sort(b);
    rejected += ks_p_value(ks_distance(a, b), 200, 300) < 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(rejected / double{kSamples}, 0.05, 0.02);
}

TEST(KolmogorovSmirnov, FewerEffectiveRowsMakeTheSameDistanceLessOfAFinding) {
  EXPECT_LT(ks_p_value(0.1, 1000, 1000), 0.001);
  EXPECT_GT(ks_p_value(0.1, 100, 100), 0.5);
}

}  // namespace
}  // namespace pawl::stats
