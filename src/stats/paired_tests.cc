#include "stats/paired_tests.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>

namespace pawl::stats {

std::optional<DieboldMariano> diebold_mariano(std::span<const double> differences, std::size_t horizon) {
  assert(horizon >= 1);
  if (differences.size() <= horizon || differences.size() < 2) return std::nullopt;
  const double n = static_cast<double>(differences.size()), h = static_cast<double>(horizon);
  double sum = 0;
  for (const double value : differences) sum += value;
  const double mean = sum / n;
  double variance = 0;
  for (std::size_t lag = 0; lag < horizon; ++lag) {
    double covariance = 0;
    for (std::size_t i = lag; i < differences.size(); ++i)
      covariance += (differences[i] - mean) * (differences[i - lag] - mean) / n;
    variance += (lag == 0 ? 1 : 2 * (1 - static_cast<double>(lag) / h)) * covariance;
  }
  const auto [least, greatest] = std::ranges::minmax(differences);
  if (!(greatest > least) || !(variance > 0)) return std::nullopt;

  DieboldMariano result;
  result.statistic = mean / std::sqrt(variance / n) * std::sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n);
  const boost::math::students_t t(n - 1);
  result.p_greater = cdf(complement(t, result.statistic));
  result.p_two_sided = std::min(1.0, 2 * cdf(complement(t, std::abs(result.statistic))));
  return result;
}

std::optional<McNemar> mcnemar(std::int64_t only_first, std::int64_t only_second) {
  assert(only_first >= 0 && only_second >= 0);
  if (only_first + only_second == 0) return std::nullopt;
  const double apart = static_cast<double>(only_first + only_second);
  const double fewer = static_cast<double>(std::min(only_first, only_second));
  const double ahead = static_cast<double>(only_first - only_second);
  const boost::math::binomial coins(apart, 0.5);
  McNemar result;
  const double tail = 2 * cdf(coins, fewer);
  result.p_exact = std::min(1.0, tail);
  result.p_mid = std::min(1.0, tail - pdf(coins, fewer));
  result.statistic = ahead * ahead / apart;
  result.p_chi2 = cdf(complement(boost::math::chi_squared(1), result.statistic));
  return result;
}

Interval share_interval(std::int64_t hits, std::int64_t trials, double coverage) {
  assert(hits >= 0 && hits <= trials && coverage > 0 && coverage < 1);
  if (trials == 0) return {0, 1};
  const double n = static_cast<double>(trials), share = static_cast<double>(hits) / n;
  const double z = quantile(complement(boost::math::normal(), (1 - coverage) / 2));
  const double widened = 1 + z * z / n, middle = (share + z * z / (2 * n)) / widened;
  const double half = z / widened * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  // Rounding must not keep an end off the edge where Wilson's formula puts it there.
  return {hits == 0 ? 0 : std::max(0.0, middle - half), hits == trials ? 1 : std::min(1.0, middle + half)};
}

std::optional<Interval> student_interval(std::span<const double> values, double coverage) {
  assert(coverage > 0 && coverage < 1);
  if (values.size() < 2) return std::nullopt;
  const double n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double t = quantile(complement(boost::math::students_t(n - 1), (1 - coverage) / 2));
  const double half = t * std::sqrt(squares / (n - 1) / n);
  return Interval{mean - half, mean + half};
}

}  // namespace pawl::stats
