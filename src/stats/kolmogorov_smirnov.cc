#include "stats/kolmogorov_smirnov.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace pawl::stats {

double ks_distance(std::span<const double> sorted_a, std::span<const double> sorted_b) {
  assert(!sorted_a.empty() && !sorted_b.empty());
  assert(std::ranges::is_sorted(sorted_a) && std::ranges::is_sorted(sorted_b));
  const double n = static_cast<double>(sorted_a.size()), m = static_cast<double>(sorted_b.size());
  double most = 0;
  for (std::size_t a = 0, b = 0; a < sorted_a.size() && b < sorted_b.size();) {
    // Past every row of the next value on both sides at once: a tie is no distance.
    const double value = std::min(sorted_a[a], sorted_b[b]);
    while (a < sorted_a.size() && sorted_a[a] <= value) ++a;
    while (b < sorted_b.size() && sorted_b[b] <= value) ++b;
    most = std::max(most, std::abs(static_cast<double>(a) / n - static_cast<double>(b) / m));
  }
  return most;
}

double kolmogorov_tail(double lambda) {
  // Below this the alternating series converges slowly, and the tail is 1 to twelve digits.
  if (lambda < 0.2) return 1;
  double sum = 0, sign = 1;
  for (int j = 1; j <= 100; ++j, sign = -sign) {
    const double term = std::exp(-2.0 * j * j * lambda * lambda);
    sum += sign * term;
    if (term < 1e-16) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

double ks_p_value(double distance, double rows_a, double rows_b) {
  assert(rows_a > 0 && rows_b > 0);
  const double root = std::sqrt(rows_a * rows_b / (rows_a + rows_b));
  return kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

}  // namespace pawl::stats
