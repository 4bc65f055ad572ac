#include "stats/sharpe.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cassert>
#include <cmath>
#include <numbers>

namespace pawl::stats {

std::optional<ReturnMoments> return_moments(std::span<const double> returns) {
  if (returns.size() < 2) return std::nullopt;
  const auto [least, greatest] = std::ranges::minmax(returns);
  if (!(greatest > least)) return std::nullopt;
  const double n = static_cast<double>(returns.size());
  double sum = 0;
  for (const double value : returns) sum += value;
  const double mean = sum / n;
  double second = 0, third = 0, fourth = 0;
  for (const double value : returns) {
    const double off = value - mean, square = off * off;
    second += square / n;
    third += square * off / n;
    fourth += square * square / n;
  }
  if (!(second > 0)) return std::nullopt;
  return ReturnMoments{.rows = returns.size(),
                       .mean = mean,
                       .deviation = std::sqrt(second * n / (n - 1)),
                       .skewness = third / (second * std::sqrt(second)),
                       .kurtosis = fourth / (second * second)};
}

double expected_best_sharpe(double variance, double trials) {
  assert(variance >= 0);
  if (!(trials > 1)) return 0;
  const boost::math::normal normal;
  const double euler = std::numbers::egamma;
  const double best = (1 - euler) * quantile(complement(normal, 1 / trials)) +
                      euler * quantile(complement(normal, 1 / (trials * std::numbers::e)));
  // Just above one trial the approximation falls below 0, where no best can be.
  return std::sqrt(variance) * std::max(0.0, best);
}

std::optional<double> probabilistic_sharpe(double sharpe, double benchmark, std::size_t periods,
                                           double skewness, double kurtosis) {
  if (periods < 2) return std::nullopt;
  const double spread = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe;
  if (!(spread > 0)) return std::nullopt;
  const double at = (sharpe - benchmark) * std::sqrt(static_cast<double>(periods - 1)) / std::sqrt(spread);
  return cdf(boost::math::normal(), at);
}

std::optional<double> deflated_sharpe(double sharpe, std::size_t periods, double skewness, double kurtosis,
                                      double trials_variance, double trials) {
  return probabilistic_sharpe(sharpe, expected_best_sharpe(trials_variance, trials), periods, skewness,
                              kurtosis);
}

}  // namespace pawl::stats
