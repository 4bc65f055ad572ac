#include "stats/psi.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cassert>
#include <cmath>
#include <numeric>

namespace pawl::stats {

namespace {

double per_row(double reference_rows, double current_rows) {
  assert(reference_rows > 0 && current_rows > 0);
  return 1 / reference_rows + 1 / current_rows;
}

boost::math::chi_squared null_of(std::size_t bins) {
  assert(bins >= 2);
  return boost::math::chi_squared(static_cast<double>(bins - 1));
}

}  // namespace

std::optional<double> psi(std::span<const double> reference, std::span<const double> current) {
  assert(reference.size() == current.size());
  const double n = std::accumulate(reference.begin(), reference.end(), 0.0);
  const double m = std::accumulate(current.begin(), current.end(), 0.0);
  if (!(n > 0) || !(m > 0)) return std::nullopt;
  constexpr double kEmpty = 0.5;
  double index = 0;
  for (std::size_t bin = 0; bin < reference.size(); ++bin) {
    if (reference[bin] == 0 && current[bin] == 0) continue;
    const double p = (reference[bin] > 0 ? reference[bin] : kEmpty) / n;
    const double q = (current[bin] > 0 ? current[bin] : kEmpty) / m;
    index += (p - q) * std::log(p / q);
  }
  return index;
}

double psi_null_mean(std::size_t bins, double reference_rows, double current_rows) {
  assert(bins >= 2);
  return static_cast<double>(bins - 1) * per_row(reference_rows, current_rows);
}

double psi_limit(std::size_t bins, double reference_rows, double current_rows, double alpha) {
  assert(alpha > 0 && alpha < 1);
  return quantile(complement(null_of(bins), alpha)) * per_row(reference_rows, current_rows);
}

}  // namespace pawl::stats
