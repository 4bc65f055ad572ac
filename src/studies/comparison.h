// What a comparison found: how each policy did, how sure the differences between them are, and what it cost.
// Formulas and their limits: docs/comparing.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stats/bootstrap.h"
#include "stats/spa.h"
#include "studies/arena.h"

namespace pawl::studies {

// The difference of two policies' after-cost returns, bar by bar, as a return a year.
struct Difference {
  double a_year = 0;
  stats::Interval interval;  // 95 %, of this pair alone
  double p_value = 1;        // two-sided, of this pair alone: could it be chance? 1 where nothing differs
  double block = 1;          // mean block of the bootstrap, in bars
};

struct PolicyScore {
  std::string name;
  std::int64_t completed = 0, failed = 0, deferred = 0, promotions = 0, rollbacks = 0;
  std::int64_t trainings_asked = 0;
  double training_seconds = 0;  // of one processor, of all that it asked for: what it would cost alone
  double walk_us_per_bar = 0;   // of one processor, without trainings
  // Time since the run that made the model which predicts, in days: mean over bars, and the longest. Nothing
  // where no trained model ever served.
  std::optional<double> mean_age_days, longest_age_days;
  std::int64_t signals = 0;
  std::optional<double> win_rate, win_rate_net;
  double total_return = 0;
  std::optional<double> annual_return, sharpe;
  double max_drawdown = 0;
  double turnover = 0;  // Σ |change of position| a line
  Difference to_baseline;
  Difference to_best;
  bool as_good_as_best = true;  // cannot be told apart from the best
  std::vector<double> equity;   // wealth at evenly spread bars, from 1 on
};

struct Comparison {
  std::vector<PolicyScore> policies;  // as given
  std::size_t baseline = 0, best = 0;
  std::int64_t bars = 0;
  TimeMs from = 0, to = 0;
  // Whether the best of all is better than the baseline beyond the luck of many; nothing where it cannot be
  // said.
  std::optional<stats::Spa> spa;
  Arena::Costs costs;
  // Which policies cannot be told apart from the best, and which are worse than it, in words.
  std::string verdict;
};

struct ComparisonSettings {
  std::string baseline;    // a policy's name
  std::uint64_t seed = 1;  // of the bootstrap
  std::size_t resamples = 2000;
  std::size_t equity_points = 240;
};

// Of an arena that has run.
Comparison compare(const Arena& arena, const ComparisonSettings& settings);

}  // namespace pawl::studies
