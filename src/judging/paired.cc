#include "judging/paired.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

#include "judging/running.h"
#include "stats/bootstrap.h"

namespace pawl::judging {

namespace {

constexpr double kSmallestProbability = 1e-15;  // as log_loss has it
constexpr std::size_t kLabelsPerBlock = 4;

std::vector<double> losses_of(const ScoredRows& rows) {
  const auto width = static_cast<std::size_t>(rows.classes);
  std::vector<double> losses;
  losses.reserve(rows.labels.size());
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    const double p = rows.probabilities[i * width + static_cast<std::size_t>(rows.labels[i].cls)];
    losses.push_back(-std::log(std::clamp(p, kSmallestProbability, 1.0)));
  }
  return losses;
}

// What the rows say about units: how far a label moves, how often anybody signals, what a round trip costs.
struct Units {
  double moves = 0, round_trips = 0;
  std::size_t rows = 0, champion_signals = 0, challenger_signals = 0;

  void add(const ScoredRows& champion, const ScoredRows& challenger, const Costs& costs) {
    for (std::size_t i = 0; i < champion.labels.size(); ++i) {
      moves += std::abs(champion.labels[i].gross_return);
      round_trips += costs.round_trip(champion.next_open[i]);
      champion_signals += champion.sides[i] != Side::hold ? 1 : 0;
      challenger_signals += challenger.sides[i] != Side::hold ? 1 : 0;
    }
    rows += champion.labels.size();
  }
  void put_into(PairedRows& paired, std::size_t horizon_bars) const {
    if (rows == 0) return;
    const auto count = static_cast<double>(rows);
    // One call in a hundred turned from wrong to right turns −move into +move, over the h bars that it is
    // held.
    const double signals = static_cast<double>(std::max(champion_signals, challenger_signals)) / count;
    paired.return_per_point = 0.02 * moves / count / static_cast<double>(horizon_bars) * signals;
    paired.switching_cost = round_trips / count / static_cast<double>(paired.champion_losses.size());
  }
};

// Means by date, in the order of dates.
std::vector<double> means_of(const std::map<TimeMs, std::pair<double, int>>& sums) {
  std::vector<double> means;
  means.reserve(sums.size());
  for (const auto& [date, sum] : sums) means.push_back(sum.first / sum.second);
  return means;
}

struct ByDate {
  std::map<TimeMs, std::pair<double, int>> returns, losses;

  static void add(std::map<TimeMs, std::pair<double, int>>& sums, const ScoredRows& rows,
                  std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      auto& [sum, count] = sums[rows.known_at[i]];
      sum += values[i];
      ++count;
    }
  }
  void add(const ScoredRows& rows, const ScoringRules& rules) {
    add(returns, rows, strategy_returns(rows, rules));
    add(losses, rows, losses_of(rows));
  }
};

}  // namespace

PairedRows pair_rows(const ScoredRows& champion, const ScoredRows& challenger, const ScoringRules& rules) {
  assert(champion.labels.size() == challenger.labels.size());
  PairedRows paired{.champion_returns = strategy_returns(champion, rules),
                    .challenger_returns = strategy_returns(challenger, rules),
                    .champion_losses = losses_of(champion),
                    .challenger_losses = losses_of(challenger),
                    .label_bars = rules.horizon_bars};
  Units units;
  units.add(champion, challenger, rules.costs);
  units.put_into(paired, rules.horizon_bars);
  return paired;
}

PairedRows pair_by_date(std::span<const ScoredRows> champion, std::span<const ScoredRows> challenger,
                        const ScoringRules& rules) {
  assert(champion.size() == challenger.size());
  ByDate of_champion, of_challenger;
  Units units;
  for (std::size_t i = 0; i < champion.size(); ++i) {
    of_champion.add(champion[i], rules);
    of_challenger.add(challenger[i], rules);
    units.add(champion[i], challenger[i], rules.costs);
  }
  PairedRows paired{.champion_returns = means_of(of_champion.returns),
                    .challenger_returns = means_of(of_challenger.returns),
                    .champion_losses = means_of(of_champion.losses),
                    .challenger_losses = means_of(of_challenger.losses),
                    .label_bars = rules.horizon_bars};
  units.put_into(paired, rules.horizon_bars);
  return paired;
}

double block_of(std::span<const double> differences, std::size_t label_bars) {
  const double wanted =
      std::max(stats::politis_white_block(differences), static_cast<double>(kLabelsPerBlock * label_bars));
  // Blocks as long as the series itself would resample nothing.
  return std::clamp(wanted, 1.0, std::max(1.0, static_cast<double>(differences.size()) / 3));
}

std::optional<ContestDifference> difference_of(const PairedRows& rows) {
  const std::size_t count = rows.challenger_returns.size();
  if (count < 2) return std::nullopt;
  std::vector<double> differences(count);
  RunningReturns challenger;
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += differences[i] = rows.challenger_returns[i] - rows.champion_returns[i];
    challenger.push(rows.challenger_returns[i]);
  }
  ContestDifference found;
  found.return_a_bar = sum / static_cast<double>(count);
  found.block = block_of(differences, rows.label_bars);
  found.challenger_sharpe = challenger.sharpe(1);
  if (rows.return_per_point > 0) {
    found.points = found.return_a_bar / rows.return_per_point;
    found.standard_error = stats::bootstrap_standard_error(differences, found.block) / rows.return_per_point;
  }
  return found;
}

}  // namespace pawl::judging
