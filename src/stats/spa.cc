#include "stats/spa.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "stats/bootstrap.h"

namespace pawl::stats {

namespace {

struct Policy {
  std::size_t index = 0;
  double mean = 0;
  double error = 0;          // ω / √n
  std::vector<double> sums;  // running, from 0
  double g_lower = 0, g_consistent = 0;
};

struct Run {
  std::size_t from, to;  // rows [from, to)
};

// The rows of one resample as runs of neighbours: a run's sum is one difference for each series.
std::vector<Run> runs_of(const std::vector<std::size_t>& rows) {
  std::vector<Run> runs;
  for (const std::size_t row : rows) {
    if (!runs.empty() && runs.back().to == row) {
      ++runs.back().to;
    } else {
      runs.push_back({row, row + 1});
    }
  }
  return runs;
}

}  // namespace

std::optional<Spa> superior_ability(std::span<const std::vector<double>> series,
                                    const SpaSettings& settings) {
  if (series.empty() || series.front().size() < 8) return std::nullopt;
  const std::size_t rows = series.front().size();
  const double n = static_cast<double>(rows);

  Spa result{.block = settings.block};
  if (settings.block == 0) {
    result.block = 1;
    for (const std::vector<double>& one : series)
      result.block = std::max(result.block, politis_white_block(one));
  }
  std::vector<Policy> policies;
  for (std::size_t k = 0; k < series.size(); ++k) {
    assert(series[k].size() == rows);
    const auto [least, greatest] = std::ranges::minmax(series[k]);
    Policy policy{.index = k, .error = bootstrap_standard_error(series[k], result.block)};
    if (!(greatest > least) || !(policy.error > 0)) continue;
    policy.sums.assign(rows + 1, 0);
    for (std::size_t i = 0; i < rows; ++i) policy.sums[i + 1] = policy.sums[i] + series[k][i];
    policy.mean = policy.sums.back() / n;
    const double far_below = -policy.error * std::sqrt(2 * std::log(std::log(n)));
    policy.g_lower = std::max(0.0, policy.mean);
    policy.g_consistent = policy.mean >= far_below ? policy.mean : 0;
    const double ratio = policy.mean / policy.error;
    if (policies.empty() || ratio > result.best_mean / policies[result.best].error) {
      result.best = policies.size();
      result.best_mean = policy.mean;
    }
    result.statistic = std::max(result.statistic, ratio);
    policies.push_back(std::move(policy));
  }
  if (policies.empty()) return std::nullopt;
  result.best = policies[result.best].index;

  // Means of resampled rows spread too little about the mean of the very rows that they come from. That
  // T divides by a corrected error does not help: so does every resampled T.
  const double correction = centring_correction(rows, result.block);
  std::size_t lower = 1, consistent = 1, upper = 1;
  for (std::size_t resample = 0; resample < settings.resamples; ++resample) {
    const std::vector<Run> runs = runs_of(resampled_rows(rows, result.block, settings.seed, resample));
    double most_lower = 0, most_consistent = 0, most_upper = 0;
    for (const Policy& policy : policies) {
      double sum = 0;
      for (const Run& run : runs) sum += policy.sums[run.to] - policy.sums[run.from];
      const double mean = policy.mean + correction * (sum / n - policy.mean);
      most_lower = std::max(most_lower, (mean - policy.g_lower) / policy.error);
      most_consistent = std::max(most_consistent, (mean - policy.g_consistent) / policy.error);
      most_upper = std::max(most_upper, (mean - policy.mean) / policy.error);
    }
    lower += most_lower >= result.statistic ? 1 : 0;
    consistent += most_consistent >= result.statistic ? 1 : 0;
    upper += most_upper >= result.statistic ? 1 : 0;
  }
  const double all = static_cast<double>(settings.resamples + 1);
  result.lower = static_cast<double>(lower) / all;
  result.consistent = static_cast<double>(consistent) / all;
  result.upper = static_cast<double>(upper) / all;
  return result;
}

}  // namespace pawl::stats
