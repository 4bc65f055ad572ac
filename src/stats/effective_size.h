// How many independent rows a series that hangs together is worth for its mean: n / τ with τ = 1 + 2 Σ ρ_k
// the integrated autocorrelation time. The sum ends where Geyer's (1992) initial positive sequence does: at
// the first pair ρ_2k + ρ_2k+1 that is not positive, pairs being made not to rise (his monotone form), since
// what comes later is noise. Pure.
#pragma once

#include <span>

namespace pawl::stats {

// τ ≥ 1; 1 for a series that does not vary or has fewer than four rows. O(n · lags), lags ≤ min(n/2, 2000).
double autocorrelation_time(std::span<const double> series);

// n / τ: in [1, n], 0 for an empty series.
double effective_size(std::span<const double> series);

}  // namespace pawl::stats
