// The population stability index: how far the shares of rows in some bins have moved from a reference's.
//   PSI = Σ (p − q) ln(p / q)
// It is never zero on two samples of one distribution. Its mean there is about (B − 1)(1/n + 1/m), which at
// n = m = 100 and ten bins is 0.18, above the folk rule of 0.1; so it is held against a limit that knows the
// sizes. To first order PSI / (1/n + 1/m) is χ² with B − 1 degrees of freedom (Yurdakul 2018). Rows of a
// series that hangs together are fewer than they look: give effective sizes (stats/effective_size.h). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace pawl::stats {

// Of rows counted (or weighed) per bin; as many bins each. A bin empty on one side counts as half a row
// there, so that the index stays finite; a bin empty on both says nothing. None where either side has no row
// at all.
std::optional<double> psi(std::span<const double> reference, std::span<const double> current);

// The mean of the index where nothing has changed. `bins` ≥ 2, sizes > 0.
double psi_null_mean(std::size_t bins, double reference_rows, double current_rows);

// What the index exceeds with probability `alpha` where nothing has changed: the upper α quantile of χ²(B −
// 1), times 1/n + 1/m. `bins` ≥ 2, sizes > 0, `alpha` in (0, 1).
double psi_limit(std::size_t bins, double reference_rows, double current_rows, double alpha);

}  // namespace pawl::stats
