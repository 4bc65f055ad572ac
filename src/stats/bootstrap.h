// The stationary bootstrap (Politis, Romano 1994): what the mean of a dependent series could have been. Rows
// are resampled in blocks of random length, so that neighbours that hang together stay together; resampling
// rows one by one takes overlapping labels for independent ones and finds significance where there is none.
// Pure; the same seed gives the same numbers everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pawl::stats {

// Mean block length for the mean of `series`: Politis & White 2004 with the correction of Patton, Politis &
// White 2009. At least 1, at most a third of the rows; 1 for a series that does not vary. O(n · lags), lags ≤
// √n + log n.
double politis_white_block(std::span<const double> series);

// The standard error of the mean under the stationary bootstrap with mean block length `block`, without
// resampling (Politis, Romano 1994, lemma 1): a weighted sum of autocovariances. 0 for fewer than two rows.
// O(n · lags).
double bootstrap_standard_error(std::span<const double> series, double block);

// `resamples` means of resampled rows, each less the mean of `series`: how far chance alone takes the mean.
// O(resamples · n / block) through running sums. Empty for an empty series.
std::vector<double> mean_deviations(std::span<const double> series, double block, std::size_t resamples,
                                    std::uint64_t seed);

// P(deviation ≥ observed) with the observed one counted among them: (1 + #{…}) / (B + 1).
double upper_p_value(std::span<const double> deviations, double observed);

// [low, high] such that the mean lies within with probability `coverage` (0.95): the basic (pivotal)
// interval, mean − upper quantile … mean − lower quantile of the deviations.
struct Interval {
  double low = 0, high = 0;
};
Interval mean_interval(double mean, std::vector<double> deviations, double coverage);

// The rows of one resample: indices into the series, `rows` of them, for statistics that are not means.
// `random` state lives in the caller's seed: resample i of a seed is always the same.
std::vector<std::size_t> resampled_rows(std::size_t rows, double block, std::uint64_t seed,
                                        std::size_t resample);

}  // namespace pawl::stats
