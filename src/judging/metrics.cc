#include "judging/metrics.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "judging/running.h"

namespace pawl::judging {
namespace {

RunningReturns statistics_of(std::span<const double> returns) {
  RunningReturns statistics;
  for (const double bar_return : returns) statistics.push(bar_return);
  return statistics;
}

}  // namespace

std::optional<double> roc_auc(std::span<const double> scores, std::span<const int> positives) {
  assert(scores.size() == positives.size());
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });

  // Twice the number of pairs won, a tie being half a win: whole numbers, so the order of equal scores
  // cannot matter.
  std::uint64_t doubled_wins = 0, negatives_below = 0, positives_seen = 0;
  for (std::size_t from = 0; from < order.size();) {
    std::uint64_t tied_positives = 0, tied_negatives = 0;
    std::size_t to = from;
    for (; to < order.size() && scores[order[to]] == scores[order[from]]; ++to) {
      ++(positives[order[to]] == 1 ? tied_positives : tied_negatives);
    }
    doubled_wins += tied_positives * (2 * negatives_below + tied_negatives);
    negatives_below += tied_negatives;
    positives_seen += tied_positives;
    from = to;
  }
  if (positives_seen == 0 || negatives_below == 0) return std::nullopt;
  return static_cast<double>(doubled_wins) /
         (2 * static_cast<double>(positives_seen) * static_cast<double>(negatives_below));
}

std::optional<double> weighted_roc_auc(std::span<const double> scores, std::span<const int> positives,
                                       std::span<const double> weights) {
  assert(scores.size() == positives.size() && scores.size() == weights.size());
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // By row among equal scores, so that sums of doubles have one order.
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a < b;
  });
  double wins = 0, negatives_below = 0, positives_seen = 0;
  for (std::size_t from = 0; from < order.size();) {
    double tied_positives = 0, tied_negatives = 0;
    std::size_t to = from;
    for (; to < order.size() && scores[order[to]] == scores[order[from]]; ++to) {
      (positives[order[to]] == 1 ? tied_positives : tied_negatives) += weights[order[to]];
    }
    wins += tied_positives * (negatives_below + tied_negatives / 2);
    negatives_below += tied_negatives;
    positives_seen += tied_positives;
    from = to;
  }
  if (!(positives_seen > 0) || !(negatives_below > 0)) return std::nullopt;
  return wins / (positives_seen * negatives_below);
}

std::optional<double> sharpe_ratio(std::span<const double> returns, double periods_per_year) {
  return statistics_of(returns).sharpe(periods_per_year);
}

double max_drawdown(std::span<const double> returns) {
  return statistics_of(returns).max_drawdown();
}

std::optional<double> profit_factor(std::span<const double> returns) {
  return statistics_of(returns).profit_factor();
}

std::optional<double> break_even_rate(double mean_win, double mean_loss, double mean_cost) {
  if (!(mean_win + mean_loss > 0)) return std::nullopt;
  return (mean_loss + mean_cost) / (mean_win + mean_loss);
}

}  // namespace pawl::judging
