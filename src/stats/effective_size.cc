#include "stats/effective_size.h"

#include <algorithm>

namespace pawl::stats {

double autocorrelation_time(std::span<const double> series) {
  const std::size_t n = series.size();
  if (n < 4) return 1;
  const auto [least, greatest] = std::ranges::minmax(series);
  if (!(greatest > least)) return 1;
  double mean = 0;
  for (const double value : series) mean += value / static_cast<double>(n);
  const auto covariance = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t i = lag; i < n; ++i) sum += (series[i] - mean) * (series[i - lag] - mean);
    return sum / static_cast<double>(n);
  };
  const double variance = covariance(0);
  if (!(variance > 0)) return 1;
  const std::size_t most = std::min<std::size_t>(n / 2, 2000);
  double sum = 0, before = 0;
  for (std::size_t lag = 0; lag + 1 <= most; lag += 2) {
    double pair = ((lag == 0 ? variance : covariance(lag)) + covariance(lag + 1)) / variance;
    if (pair <= 0) break;
    if (lag > 0) pair = std::min(pair, before);
    before = pair;
    sum += pair;
  }
  return std::clamp(2 * sum - 1, 1.0, static_cast<double>(n));
}

double effective_size(std::span<const double> series) {
  return static_cast<double>(series.size()) / autocorrelation_time(series);
}

}  // namespace pawl::stats
