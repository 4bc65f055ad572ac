#include "stats/e_process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

// What one model got right less what another did, `apart` points of accuracy between them, independently.
double difference(Random& random, double apart) {
  const bool first = random.uniform() < 0.5 + apart / 2, second = random.uniform() < 0.5 - apart / 2;
  return (first ? 1.0 : 0.0) - (second ? 1.0 : 0.0);
}

// λ of the next row, told by what a row of 1 would make of K.
double stake_of(EProcess process) {
  const double before = process.log_value();
  process.push(1);
  return std::expm1(process.log_value() - before);
}

// The rows until K reaches 20, `most` + 1 where it does not.
int rows_to_act(std::uint64_t seed, double apart, int most) {
  Random random(seed);
  EProcess process;
  for (int row = 1; row <= most; ++row) {
    process.push(difference(random, apart));
    if (process.value() >= 20) return row;
  }
  return most + 1;
}

// gates.md §3 measured 0.028; Ville promises at most 0.05, looked at after every row.
TEST(EProcess, ReachesTwentyInFewerThanOneStreamOfTwentyWithoutAnEdge) {
  int models = 0, coins = 0;
  constexpr int kStreams = 4000;
  for (std::uint64_t seed = 0; seed < kStreams; ++seed) {
    models += rows_to_act(seed, 0, 2000) <= 2000 ? 1 : 0;
    Random random(seed + 1'000'000);
    EProcess process;
    bool acted = false;
    for (int row = 0; row < 2000 && !acted; ++row) {
      process.push(random.uniform() < 0.5 ? 1 : -1);
      acted = process.value() >= 20;
    }
    coins += acted ? 1 : 0;
  }
  RecordProperty("share_models", std::to_string(models / double{kStreams}));
  RecordProperty("share_coins", std::to_string(coins / double{kStreams}));
  EXPECT_LE(models / double{kStreams}, 0.05);
  EXPECT_LE(coins / double{kStreams}, 0.05);
}

// gates.md §3 measured 805 labels, with a stake that knew the edge. One that must learn it needs a few more.
TEST(EProcess, SeesFivePointsAfterAboutAThousandLabels) {
  std::vector<int> rows;
  for (std::uint64_t seed = 0; seed < 1001; ++seed) rows.push_back(rows_to_act(seed, 0.05, 20'000));
  std::ranges::sort(rows);
  RecordProperty("median_labels", rows[500]);
  EXPECT_GT(rows[500], 700);
  EXPECT_LT(rows[500], 1300);
  EXPECT_LE(rows.back(), 20'000) << "it gets there in the end";
}

TEST(EProcess, StakesFromThePastOnly) {
  Random random(3);
  EProcess process;
  for (int row = 0; row < 300; ++row) {
    const double stake = stake_of(process);
    ASSERT_GE(stake, 0.05);
    ASSERT_LE(stake, 0.4);
    const double d = 2 * random.uniform() - 1;
    // Whatever comes next, that stake is what it is multiplied by.
    for (const double other : {d, -1.0, 0.3}) {
      EProcess branch = process;
      branch.push(other);
      ASSERT_NEAR(branch.log_value() - process.log_value(), std::log1p(stake * other), 1e-12);
    }
    process.push(d);
  }
}

TEST(EProcess, ReachesOneOverAlphaAndCopiesGoOnAlike) {
  EProcess process;
  EXPECT_EQ(process.value(), 1);
  int rows = 0;
  while (process.value() < 20) {
    process.push(1);
    ++rows;
  }
  EXPECT_GE(process.value(), 20);
  EXPECT_LT(rows, 25);
  EProcess copy = process;
  copy.push(-0.5);
  process.push(-0.5);
  EXPECT_EQ(copy.log_value(), process.log_value());
  EXPECT_EQ(process.rows(), static_cast<std::uint64_t>(rows) + 1);
}

TEST(EProcess, NeitherOverflowsNorEndsAtNothing) {
  EProcess process;
  for (int row = 0; row < 100'000; ++row) process.push(1);
  EXPECT_TRUE(std::isfinite(process.log_value()));
  for (int row = 0; row < 400'000; ++row) process.push(-1);
  EXPECT_TRUE(std::isfinite(process.log_value()));
  EXPECT_NEAR(stake_of(process), 0.05, 1e-9);
}

}  // namespace
}  // namespace pawl::stats
