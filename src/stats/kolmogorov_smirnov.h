// Kolmogorov–Smirnov for two samples: the largest distance between their distribution functions,
//   D = sup |F − G|,  p ≈ Q((√e + 0.12 + 0.11/√e) D),  e = nm/(n + m),  Q(λ) = 2 Σ (−1)^(j−1) exp(−2 j² λ²)
// (Stephens 1970 for the small-sample term). With many rows it flags trifles, and with rows that hang
// together it takes them for more than they are: look at D, and give effective sizes for p. Pure.
#pragma once

#include <span>

namespace pawl::stats {

// D of two samples, ties counted right. Both in increasing order, neither empty. O(n + m).
double ks_distance(std::span<const double> sorted_a, std::span<const double> sorted_b);

// P(a distance of at least `distance`) where both samples are of one continuous distribution; sizes > 0 (the
// effective ones, stats/effective_size.h), asymptotic.
double ks_p_value(double distance, double rows_a, double rows_b);

// Kolmogorov's Q(λ): 1 at λ ≤ 0, falling to 0.
double kolmogorov_tail(double lambda);

}  // namespace pawl::stats
