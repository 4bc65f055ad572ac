// Scores of predictions against what happened. Every formula, its annualisation, its costs and what happens
// where it is not defined stand in docs/metrics.md; the functions here are pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/costs.h"
#include "domain/label.h"
#include "domain/scorecard.h"
#include "domain/side.h"

namespace pawl::judging {

// When a row's probabilities are a signal.
struct SignalRule {
  enum class Kind { edge, top_class, allow };
  Kind kind = Kind::edge;
  double min_edge = 0.02;  // edge: |p_up − 0.5| ≥ min_edge
  // top_class: the top class ≥ this and not HOLD. allow: the last class ≥ this, which says BUY ("take it");
  // everything else is HOLD, never SELL, as a filter has it.
  double min_probability = 0.45;
  // probabilities: [down, up] or [SELL, HOLD, BUY]. With an edge of 0, p_up = 0.5 is BUY. With three classes
  // an edge asks for 0.5 + min_edge of BUY or of SELL. Classes that share the top are no top class: HOLD.
  Side side(std::span<const double> probabilities) const;
};

// The class that probabilities speak for: with two classes up where p_up ≥ 0.5; with three the one most
// probable class, HOLD where two share that place.
int predicted_class(std::span<const double> probabilities);

// The rows of one contest or window, in time order; all spans of one length (probabilities × classes).
struct ScoredRows {
  int classes = 2;
  std::span<const double> probabilities;
  std::span<const Side> sides;
  std::span<const Label> labels;  // all known
  std::span<const TimeMs> known_at;
  std::span<const double> next_open;       // open[t+1], where a signal of the row fills
  std::span<const double> next_next_open;  // open[t+2], where the next row's signal fills; NaN: not known yet
  // 1 where the position may be carried to the next row: that row is the next bar, of the same session.
  // Elsewhere the position is closed at next_next_open.
  std::span<const std::uint8_t> contiguous;
  // What each row counts in the scores by class and by signal; empty: 1 each. A pooled line gives each date
  // the same total.
  std::span<const double> weights = {};
};

struct ScoringRules {
  Costs costs;
  std::size_t horizon_bars = 1;
  double bars_per_year = 252;
};

// accuracy precision recall f1 roc_auc log_loss brier (all rows, by label class); signals win_rate
// win_rate_net break_even (signals only); sharpe total_return annual_return max_drawdown profit_factor
// turnover trades exposure costs (the strategy of running.h, over per-bar returns).
Scorecard score(const ScoredRows& rows, const ScoringRules& rules);

// The scores of a line that is pooled over several symbols, whose dates are the sample: every date counts the
// same, however many symbols have a row that day, and the strategy's return of a date is the mean over its
// symbols. `symbols` holds each symbol's own rows in time order; `signals` and `trades` are still counts.
Scorecard score_by_date(std::span<const ScoredRows> symbols, const ScoringRules& rules);
// Dates that rows of any symbol fall on.
std::size_t count_dates(std::span<const ScoredRows> symbols);

// The strategy's after-cost return of each row's bar (open[t+1] → open[t+2]); what `sharpe` is made of. It
// ends before the first row with a price that is not known yet (NaN), so it may be shorter than the rows.
std::vector<double> strategy_returns(const ScoredRows& rows, const ScoringRules& rules);

// One by one, for tests and for reuse; nothing where undefined.
// `positives`: 1 where the row is of the positive class, 0 elsewhere. Equal scores count half.
std::optional<double> roc_auc(std::span<const double> scores, std::span<const int> positives);
// The same with a weight for each row.
std::optional<double> weighted_roc_auc(std::span<const double> scores, std::span<const int> positives,
                                       std::span<const double> weights);
std::optional<double> sharpe_ratio(std::span<const double> returns, double periods_per_year);
double max_drawdown(std::span<const double> returns);
std::optional<double> profit_factor(std::span<const double> returns);

// The win rate at which signals of these returns would break even after costs: (L + c) / (W + L), with W and
// L the mean absolute gross move of correct and wrong signals and c the mean round-trip cost.
std::optional<double> break_even_rate(double mean_win, double mean_loss, double mean_cost);

}  // namespace pawl::judging
