// What several uncertain estimates of varying truths say together: the random-effects model of meta-analysis.
// A gate uses it as the prior of a line: how much better challengers of this line have been, and how much
// they vary.
#pragma once

#include <span>

namespace pawl::stats {

struct Estimate {
  double value = 0, standard_error = 0;  // the error above 0
};

// truth_i ~ N(mean, between²), estimate_i ~ N(truth_i, standard_error_i²).
struct RandomEffects {
  double mean = 0;
  double mean_error = 0;  // standard error of `mean`
  double between = 0;     // standard deviation of the truths; 0 where the estimates differ by chance alone
};

// Paule & Mandel 1982: the spread at which the weighted squares are as large as their degrees of freedom. At
// least one estimate (assert).
RandomEffects fit_random_effects(std::span<const Estimate> estimates);

// The mean of a new truth, given its own estimate and the others': shrunk towards their mean by how little is
// known of it beside how much the truths vary.
double posterior_mean(const Estimate& estimate, const RandomEffects& prior);

}  // namespace pawl::stats
