#include "stats/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/random.h"

namespace pawl::stats {
namespace {

// Noise in which `overlap` neighbours share their parts, as labels of so many bars do.
std::vector<double> overlapping_noise(std::size_t rows, std::size_t overlap, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> parts(rows + overlap);
  for (double& part : parts) part = random.normal();
  std::vector<double> series(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < overlap; ++k) series[i] += parts[i + k];
  }
  return series;
}

// gates.md §3, as it is written there: (1 + #{d̄* − d̄ ≥ d̄}) / (B + 1).
double upper_p_value(const std::vector<double>& deviations, double observed) {
  double reached = 1;
  for (const double deviation : deviations) reached += deviation >= observed ? 1 : 0;
  return reached / static_cast<double>(deviations.size() + 1);
}

double spread(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(Bootstrap, DeviationsSpreadAsTheClosedFormSays) {
  const std::vector<double> series = overlapping_noise(2000, 10, 3);
  for (const double block : {1.0, 8.0, 40.0}) {
    const double drawn = spread(mean_deviations(series, block, 20'000, 5));
    EXPECT_NEAR(drawn / bootstrap_standard_error(series, block), 1, 0.02) << block;
  }
}

TEST(Bootstrap, BlocksSeeWhatRowsOneByOneDoNot) {
  const std::vector<double> series = overlapping_noise(20'000, 10, 7);
  // Ten shared parts: the true standard error of the mean is √10 times that of independent rows.
  const double truth = 10 / std::sqrt(20'000.0);
  EXPECT_NEAR(bootstrap_standard_error(series, 1) / truth, 1 / std::sqrt(10), 0.03);
  EXPECT_NEAR(bootstrap_standard_error(series, 80) / truth, 1, 0.1);
}

TEST(Bootstrap, StoppingEarlyDecidesAsAllResamplesWould) {
  int early = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const std::vector<double> series = overlapping_noise(300, 5, seed);
    const double mean = std::accumulate(series.begin(), series.end(), 0.0) / 300 + 0.1;
    const double p = upper_p_value(mean_deviations(series, 20, 999, seed), mean);
    const TailTest test = upper_tail(series, 20, 999, mean, 0.1, seed);
    EXPECT_EQ(test.p <= 0.1, p <= 0.1) << seed;
    if (test.resamples < 999) {
      ++early;
    } else {
      EXPECT_EQ(test.p, p) << seed;
    }
  }
  EXPECT_GT(early, 10);
  EXPECT_LT(early, 60);
}

// gates.md §3: with labels of ten bars, taking the rows for independent finds something in three tests of
// ten.
TEST(Bootstrap, IsCalibratedUnderOverlapWhereRowsOneByOneAreNot) {
  constexpr int kSeries = 1000;
  int blocks = 0, one_by_one = 0;
  for (int i = 0; i < kSeries; ++i) {
    const std::vector<double> series = overlapping_noise(500, 10, 1000 + static_cast<std::uint64_t>(i));
    const double mean = std::accumulate(series.begin(), series.end(), 0.0) / 500;
    const auto rejects = [&](double block) {
      return upper_p_value(mean_deviations(series, block, 999, 17), mean) <= 0.025;
    };
    blocks += rejects(std::max(politis_white_block(series), 40.0)) ? 1 : 0;
    one_by_one += rejects(1) ? 1 : 0;
  }
  EXPECT_LT(blocks, 0.045 * kSeries);
  EXPECT_GT(one_by_one, 0.2 * kSeries);
}

// b = (G² / g² · n)^(1/3), with G / g = 2ρ / (1 − ρ²) for an AR(1) (Politis & White 2004, section 3).
TEST(Bootstrap, BlockLengthOfAnAutoregressionIsTheTheoreticalOne) {
  Random random(11);
  std::vector<double> series(20'000);
  double value = 0;
  for (double& one : series) one = value = 0.5 * value + random.normal();
  const double ratio = 2 * 0.5 / (1 - 0.25);
  const double best = std::cbrt(ratio * ratio * 20'000);
  EXPECT_NEAR(politis_white_block(series) / best, 1, 0.25);
}

TEST(Bootstrap, ResampledRowsAreBlocksThatWrap) {
  const std::vector<std::size_t> rows = resampled_rows(1000, 50, 3, 0);
  ASSERT_EQ(rows.size(), 1000u);
  int breaks = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) breaks += rows[i] != (rows[i - 1] + 1) % 1000 ? 1 : 0;
  EXPECT_NEAR(breaks, 20, 14);
  EXPECT_EQ(rows, resampled_rows(1000, 50, 3, 0));
  EXPECT_NE(rows, resampled_rows(1000, 50, 3, 1));
}

TEST(Bootstrap, SeriesThatSayNothingHaveNoSpread) {
  const std::vector<double> flat(100, 0.25);
  EXPECT_DOUBLE_EQ(centring_correction(100, 1), std::sqrt(100.0 / 99));
  EXPECT_EQ(politis_white_block(flat), 1);
  EXPECT_EQ(bootstrap_standard_error(flat, 10), 0);
  EXPECT_EQ(spread(mean_deviations(flat, 10, 50, 1)), 0);
  EXPECT_TRUE(mean_deviations({}, 10, 50, 1).empty());
  EXPECT_EQ(upper_tail({}, 10, 50, 0, 0.05, 1).p, 1);
}

TEST(Bootstrap, IntervalIsPivotal) {
  const Interval interval = mean_interval(2, {-1, -0.5, 0, 0.5, 3}, 1.0);
  EXPECT_EQ(interval.low, -1);
  EXPECT_EQ(interval.high, 3);
}

}  // namespace
}  // namespace pawl::stats
