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

// Deviations below are from the mean of the very rows that are resampled, which takes about (2b − 1)/n from
// their variance, as dividing by n instead of n − 1 does where rows are independent (b = 1). This is the
// factor that puts it back: without it a test at 2.5 % rejects 4.4 % of the time over 500 rows with labels of
// ten.
double centring_correction(std::size_t rows, double block);

// The standard error of the mean under the stationary bootstrap with mean block length `block`, without
// resampling (Politis, Romano 1994, lemma 1): a weighted sum of autocovariances; corrected. 0 for fewer than
// two rows. O(n · lags).
double bootstrap_standard_error(std::span<const double> series, double block);

// `resamples` means of resampled rows, each less the mean of `series`: how far chance alone takes the mean;
// corrected. O(resamples · n / block) through running sums. Empty for an empty series.
std::vector<double> mean_deviations(std::span<const double> series, double block, std::size_t resamples,
                                    std::uint64_t seed);

// P(deviation ≥ observed) with the observed one counted among them: (1 + #{…}) / (B + 1). It stops as soon as
// p > alpha is certain, which for most series is after a few hundred; the answer to "p ≤ alpha?" is the one
// that all `resamples` would have given, and p is then the share reached so far (Besag, Clifford 1991).
struct TailTest {
  double p = 1;
  std::size_t resamples = 0;  // drawn
};
TailTest upper_tail(std::span<const double> series, double block, std::size_t resamples, double observed,
                    double alpha, std::uint64_t seed);

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
