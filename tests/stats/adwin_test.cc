#include "stats/adwin.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace pawl::stats {
namespace {

TEST(Adwin, DropsWhatCameBeforeAChange) {
  Random random(1);
  Adwin adwin;
  int found_after = -1;
  for (int row = 0; row < 2000; ++row) EXPECT_FALSE(adwin.push(random.uniform() < 0.2 ? 1 : 0)) << row;
  EXPECT_EQ(adwin.rows(), 2000u);
  for (int row = 0; row < 1000; ++row) {
    if (adwin.push(random.uniform() < 0.5 ? 1 : 0) && found_after < 0) found_after = row;
  }
  EXPECT_GT(found_after, 0);
  EXPECT_LT(found_after, 150);
  EXPECT_LT(adwin.rows(), 1200u);
  EXPECT_NEAR(adwin.mean(), 0.5, 0.06);
  EXPECT_NEAR(adwin.variance(), 0.25, 0.02);
}

TEST(Adwin, SeldomFindsWhatIsNotThere) {
  int streams_with_alarm = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    Adwin adwin;
    bool any = false;
    for (int row = 0; row < 5000; ++row) any |= adwin.push(random.uniform());
    streams_with_alarm += any ? 1 : 0;
  }
  EXPECT_LE(streams_with_alarm, 4);
}

TEST(Adwin, MemoryGrowsWithTheLogarithmOfTheWindow) {
  Adwin adwin;
  Random random(5);
  for (int row = 0; row < 1'000'000; ++row) adwin.push(random.uniform());
  EXPECT_EQ(adwin.rows(), 1'000'000u);
  EXPECT_LE(adwin.buckets(), 5 * std::log2(1'000'000) + 5);
}

// What the histogram says of the window against all of its rows.
TEST(Adwin, MeanAndVarianceAreThoseOfTheRows) {
  Adwin adwin;
  Random random(6);
  double sum = 0, squares = 0;
  for (int row = 0; row < 777; ++row) {
    const double value = random.uniform();
    adwin.push(value);
    sum += value;
    squares += value * value;
  }
  ASSERT_EQ(adwin.rows(), 777u);
  EXPECT_NEAR(adwin.mean(), sum / 777, 1e-12);
  EXPECT_NEAR(adwin.variance(), squares / 777 - sum * sum / 777 / 777, 1e-12);
}

}  // namespace
}  // namespace pawl::stats
