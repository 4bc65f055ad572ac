#include "stats/random_effects.h"

#include <cassert>
#include <cmath>

namespace pawl::stats {

namespace {

struct Weighted {
  double mean = 0, weight = 0, squares = 0;
};

Weighted weigh(std::span<const Estimate> estimates, double between_squared) {
  Weighted found;
  const auto weight_of = [&](const Estimate& one) {
    return 1 / (one.standard_error * one.standard_error + between_squared);
  };
  for (const Estimate& one : estimates) {
    found.weight += weight_of(one);
    found.mean += weight_of(one) * one.value;
  }
  found.mean /= found.weight;
  for (const Estimate& one : estimates) {
    found.squares += weight_of(one) * (one.value - found.mean) * (one.value - found.mean);
  }
  return found;
}

}  // namespace

RandomEffects fit_random_effects(std::span<const Estimate> estimates) {
  assert(!estimates.empty());
  const auto freedom = static_cast<double>(estimates.size() - 1);
  // The weighted squares fall as the spread grows: bisect between none and one that is certainly too large.
  double low = 0, high = 0;
  if (weigh(estimates, 0).squares > freedom) {
    high = 1;
    while (weigh(estimates, high).squares > freedom) high *= 2;
    constexpr int kHalvings = 200;
    for (int i = 0; i < kHalvings && high - low > 1e-12 * high; ++i) {
      const double middle = (low + high) / 2;
      (weigh(estimates, middle).squares > freedom ? low : high) = middle;
    }
  }
  const double between_squared = (low + high) / 2;
  const Weighted at = weigh(estimates, between_squared);
  return {at.mean, 1 / std::sqrt(at.weight), std::sqrt(between_squared)};
}

double posterior_mean(const Estimate& estimate, const RandomEffects& prior) {
  const double noise = estimate.standard_error * estimate.standard_error;
  const double spread = prior.between * prior.between + prior.mean_error * prior.mean_error;
  if (noise + spread == 0) return estimate.value;
  return (estimate.value * spread + prior.mean * noise) / (noise + spread);
}

}  // namespace pawl::stats
