#include "stats/random_effects.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace pawl::stats {
namespace {

TEST(RandomEffects, EstimatesThatDifferByChanceAloneArePooled) {
  const std::vector<Estimate> estimates = {{1.0, 0.5}, {1.4, 1.0}, {0.8, 0.5}};
  const RandomEffects found = fit_random_effects(estimates);
  EXPECT_EQ(found.between, 0);
  EXPECT_NEAR(found.mean, (1.0 * 4 + 1.4 * 1 + 0.8 * 4) / 9, 1e-12);
  EXPECT_NEAR(found.mean_error, 1.0 / 3, 1e-12);
}

// With equal errors the spread has a closed form: the sample variance less the error's.
TEST(RandomEffects, SpreadIsWhatErrorsDoNotExplain) {
  const std::vector<Estimate> estimates = {{-3, 1}, {1, 1}, {5, 1}, {9, 1}};
  const RandomEffects found = fit_random_effects(estimates);
  EXPECT_NEAR(found.mean, 3, 1e-9);
  EXPECT_NEAR(found.between * found.between, 80.0 / 3 - 1, 1e-6);
}

TEST(RandomEffects, FindsThePlantedSpread) {
  Random random(5);
  std::vector<Estimate> estimates;
  for (int i = 0; i < 5000; ++i) {
    const double error = 0.5 + random.uniform();
    estimates.push_back({1.5 + 2 * random.normal() + error * random.normal(), error});
  }
  const RandomEffects found = fit_random_effects(estimates);
  EXPECT_NEAR(found.mean, 1.5, 0.15);
  EXPECT_NEAR(found.between, 2, 0.1);
}

TEST(RandomEffects, PosteriorIsShrunkByWhatIsNotKnown) {
  const RandomEffects prior{.mean = 1, .mean_error = 0, .between = 2};
  EXPECT_NEAR(posterior_mean({5, 2}, prior), 3, 1e-12);
  EXPECT_NEAR(posterior_mean({5, 1e-9}, prior), 5, 1e-9);
  EXPECT_NEAR(posterior_mean({5, 1e9}, prior), 1, 1e-9);
  EXPECT_EQ(posterior_mean({5, 0}, {}), 5);
}

}  // namespace
}  // namespace pawl::stats
