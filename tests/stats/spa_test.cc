#include "stats/spa.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "stats/bootstrap.h"

namespace pawl::stats {
namespace {

using Matrix = std::vector<std::vector<double>>;

// Policies that hang together, as all of one market do, and in time; `shifts` are their means.
Matrix policies(std::size_t rows, const std::vector<double>& shifts, std::uint64_t seed, double keep = 0.3) {
  Random random(seed);
  Matrix series(shifts.size(), std::vector<double>(rows));
  std::vector<double> own(shifts.size());
  double market = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    market = keep * market + random.normal();
    for (std::size_t k = 0; k < shifts.size(); ++k) {
      own[k] = keep * own[k] + random.normal();
      series[k][row] = shifts[k] + 0.5 * market + own[k];
    }
  }
  return series;
}

double mean_of(const std::vector<double>& series) {
  return std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(series.size());
}

// Hansen's page again, written to be read, not to be fast.
Spa plainly(const Matrix& series, const SpaSettings& settings) {
  const std::size_t rows = series[0].size(), count = series.size();
  const double n = static_cast<double>(rows);
  std::vector<double> mean(count), omega(count);
  Spa spa;
  for (std::size_t k = 0; k < count; ++k) {
    mean[k] = mean_of(series[k]);
    omega[k] = std::sqrt(n) * bootstrap_standard_error(series[k], settings.block);
    spa.statistic = std::max(spa.statistic, std::sqrt(n) * mean[k] / omega[k]);
  }
  double lower = 1, consistent = 1, upper = 1;
  for (std::size_t resample = 0; resample < settings.resamples; ++resample) {
    const auto chosen = resampled_rows(rows, settings.block, settings.seed, resample);
    double worst_lower = 0, worst_consistent = 0, worst_upper = 0;
    for (std::size_t k = 0; k < count; ++k) {
      double again = 0;
      for (const std::size_t row : chosen) again += series[k][row] / n;
      again = mean[k] + centring_correction(rows, settings.block) * (again - mean[k]);
      const double threshold = -std::sqrt(omega[k] * omega[k] / n * 2 * std::log(std::log(n)));
      const auto z = [&](double g) { return std::sqrt(n) * (again - g) / omega[k]; };
      worst_lower = std::max(worst_lower, z(std::max(0.0, mean[k])));
      worst_consistent = std::max(worst_consistent, z(mean[k] >= threshold ? mean[k] : 0));
      worst_upper = std::max(worst_upper, z(mean[k]));
    }
    lower += worst_lower >= spa.statistic ? 1 : 0;
    consistent += worst_consistent >= spa.statistic ? 1 : 0;
    upper += worst_upper >= spa.statistic ? 1 : 0;
  }
  const double all = static_cast<double>(settings.resamples + 1);
  spa.lower = lower / all;
  spa.consistent = consistent / all;
  spa.upper = upper / all;
  return spa;
}

TEST(Spa, IsWhatThePlainFormSays) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Matrix series = policies(150, {0.05, -0.4, 0, 0.2, -0.1}, seed);
    const SpaSettings settings{.block = 4, .resamples = 300, .seed = seed};
    const Spa fast = superior_ability(series, settings).value(), slow = plainly(series, settings);
    EXPECT_NEAR(fast.statistic, slow.statistic, 1e-9);
    EXPECT_EQ(fast.lower, slow.lower);
    EXPECT_EQ(fast.consistent, slow.consistent);
    EXPECT_EQ(fast.upper, slow.upper);
  }
}

// The share of worlds without a better policy in which one is found at 5 %.
double size_of(double keep, double block) {
  int rejected = 0;
  constexpr int kSeeds = 400;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Matrix series = policies(400, std::vector<double>(8, 0.0), 100 + seed, keep);
    const Spa spa = superior_ability(series, {.block = block, .resamples = 299, .seed = seed}).value();
    EXPECT_LE(spa.lower, spa.consistent);
    EXPECT_LE(spa.consistent, spa.upper);
    rejected += spa.consistent <= 0.05 ? 1 : 0;
  }
  return rejected / double{kSeeds};
}

TEST(Spa, RejectsAboutAsOftenAsItSaysWhereAllAreAlike) {
  const double independent = size_of(0, 1), dependent = size_of(0.3, 0), one_by_one = size_of(0.3, 1);
  RecordProperty("size_independent", std::to_string(independent));
  RecordProperty("size_dependent", std::to_string(dependent));
  RecordProperty("size_dependent_one_by_one", std::to_string(one_by_one));
  EXPECT_NEAR(independent, 0.05, 0.03);
  EXPECT_LT(dependent, 0.115) << "blocks of 400 rows see most of the dependence";
  EXPECT_GT(one_by_one, dependent);
}

// Many hopeless policies beside a good one: White's check loses sight of it, the consistent form less.
TEST(Spa, FindsTheOneThatIsBetterAmongBadOnes) {
  std::vector<double> shifts(12, -0.5);
  shifts[7] = 0.22;
  int found = 0, found_upper = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Spa spa =
        superior_ability(policies(500, shifts, 900 + seed), {.resamples = 299, .seed = seed}).value();
    found += spa.consistent <= 0.05 && spa.best == 7 ? 1 : 0;
    found_upper += spa.upper <= 0.05 ? 1 : 0;
    EXPECT_LE(spa.consistent, spa.upper);
  }
  EXPECT_GT(found, 40);
  EXPECT_LT(found_upper, found);
}

TEST(Spa, IsSilentWhereNoneIsBetterAndLeavesOutWhatDoesNotVary) {
  Matrix series = policies(200, {-0.5, -0.6}, 4);
  series.emplace_back(200, 0.0);  // the benchmark itself
  const Spa spa = superior_ability(series, {.resamples = 99, .seed = 1}).value();
  EXPECT_EQ(spa.consistent, 1);
  EXPECT_EQ(spa.statistic, 0);
  EXPECT_LT(spa.best, 2u);
  EXPECT_NEAR(spa.best_mean, mean_of(series[spa.best]), 1e-12);
  EXPECT_FALSE(superior_ability(Matrix(3, std::vector<double>(100, 0.0)), {}).has_value());
  EXPECT_FALSE(superior_ability(Matrix(1, std::vector<double>{1, 2}), {}).has_value());
  EXPECT_FALSE(superior_ability({}, {}).has_value());
}

// ω against the kernel of Hansen's page; the closed form leaves the wrap of the last rows to the first out.
TEST(Spa, StudentisesByHansensVariance) {
  const std::vector<double> series = policies(300, {0.1}, 5)[0];
  const double n = 300, q = 1.0 / 6, mean = mean_of(series);
  double variance = 0;
  for (std::size_t lag = 0; lag < series.size(); ++lag) {
    double gamma = 0;
    for (std::size_t i = lag; i < series.size(); ++i)
      gamma += (series[i] - mean) * (series[i - lag] - mean) / n;
    const double i = static_cast<double>(lag);
    const double kernel = (n - i) / n * std::pow(1 - q, i) + i / n * std::pow(1 - q, n - i);
    variance += (lag == 0 ? 1 : 2 * kernel) * gamma;
  }
  const auto found = superior_ability(Matrix{series}, {.block = 6, .resamples = 9, .seed = 1});
  const double plain = std::sqrt(n) * mean / std::sqrt(variance);
  EXPECT_NEAR(found->statistic * centring_correction(300, 6) / plain, 1, 0.02);
}

}  // namespace
}  // namespace pawl::stats
