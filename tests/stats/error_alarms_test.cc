#include "stats/error_alarms.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace pawl::stats {
namespace {

TEST(PageHinkley, AlarmsOnceTheSumOfRisesReachesTheLimit) {
  PageHinkley alarm({.keep = 1, .tolerance = 0.5, .limit = 10, .rows_min = 1});
  for (int row = 0; row < 100; ++row) EXPECT_FALSE(alarm.push(0));
  // By hand: s_k = Σ (4 − 4k/(100 + k) − .5) over k rises: 3.460, 6.883, 10.270.
  EXPECT_FALSE(alarm.push(4));
  EXPECT_NEAR(alarm.sum(), 4 - 4.0 / 101 - 0.5, 1e-12);
  EXPECT_FALSE(alarm.push(4));
  EXPECT_TRUE(alarm.push(4));
  EXPECT_EQ(alarm.rows(), 0u) << "begins anew";
}

TEST(PageHinkley, HearsRisesOnly) {
  PageHinkley rises, falls;
  int alarms = 0, fallen = 0;
  for (int row = 0; row < 4000; ++row) {
    const double value = row < 2000 ? 1 : 0.5;
    alarms += rises.push(value) ? 1 : 0;
    fallen += falls.push(-value) ? 1 : 0;
  }
  EXPECT_EQ(alarms, 0);
  EXPECT_GE(fallen, 1);
}

TEST(PageHinkley, WithItsDefaultsNoticesAnErrorRateThatDoubles) {
  Random random(4);
  PageHinkley alarm;
  int first = -1;
  for (int row = 0; row < 4000; ++row) {
    if (alarm.push(random.uniform() < (row < 2000 ? 0.2 : 0.4) ? 1 : 0) && first < 0) first = row;
  }
  EXPECT_GE(first, 2000);
  EXPECT_LT(first, 2600);
}

TEST(Ddm, WarnsBeforeItFindsADrift) {
  Random random(2);
  Ddm ddm;
  int warned = -1, drifted = -1;
  for (int row = 0; row < 3000 && drifted < 0; ++row) {
    const DdmState state = ddm.push(random.uniform() < (row < 1000 ? 0.2 : 0.5));
    if (state == DdmState::warning && warned < 1000) warned = row;
    if (state == DdmState::drift) drifted = row;
  }
  EXPECT_GE(warned, 1000);
  EXPECT_GT(drifted, warned);
  EXPECT_LT(drifted, 1200);
  EXPECT_EQ(ddm.rows(), 0u) << "begins anew";
}

TEST(Ddm, OneErrorAfterABeginningWithoutAnyIsNoDrift) {
  Ddm ddm;
  for (int row = 0; row < 100; ++row) EXPECT_EQ(ddm.push(false), DdmState::steady);
  EXPECT_EQ(ddm.push(true), DdmState::steady);
  EXPECT_NEAR(ddm.error_share(), 1.0 / 101, 1e-12);
}

// Calibrated predictions: what is expected, mean(1 − |ŷ − p̂|) of gates.md §4, is what comes.
TEST(ExpectedAccuracy, MeetsTheRealisedOneOfCalibratedProbabilities) {
  Random random(9);
  ExpectedAccuracy expected;
  EXPECT_FALSE(expected.value().has_value());
  double correct = 0, distance = 0;
  for (int row = 0; row < 20'000; ++row) {
    const double up = random.uniform();
    const bool predicted = up >= 0.5;
    expected.push(predicted ? up : 1 - up);
    distance += std::abs((predicted ? 1.0 : 0.0) - up);
    correct += (random.uniform() < up) == predicted ? 1 : 0;
  }
  EXPECT_NEAR(expected.value().value(), 1 - distance / 20'000, 1e-12);
  EXPECT_NEAR(expected.value().value(), 0.75, 0.005);
  // q is uniform on [.5, 1]: the mean of q(1 − q) is 1/6.
  EXPECT_NEAR(correct / 20'000, *expected.value(), 4 * std::sqrt(1.0 / 6 / 20'000));
}

}  // namespace
}  // namespace pawl::stats
