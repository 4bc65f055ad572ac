// One market's moving parts within a line: its bars, the features that follow them, what was said at each bar
// and what is still open. A line has one; a pooled line has one a symbol.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/history.h"
#include "judging/running.h"
#include "outcomes/live_performance.h"
#include "outcomes/outcome_tracker.h"
#include "recipe/recipe.h"

namespace pawl::loop {

class Series {
 public:
  Series(const recipe::Recipe& recipe, Symbol symbol, const labels::Labeller& labeller);

  const Symbol& symbol() const { return symbol_; }
  const BarSeries& bars() const { return bars_; }

  // Takes the next bar with its joined values; every feature history follows it.
  void append(const Bar& bar, std::span<const double> joined);
  // The history of a feature list over these bars, made and brought up to date at the first call.
  Result<datasets::FeatureHistory*> history(const std::vector<std::string>& specs);
  // Forgets feature checkpoints that no window from `from` on needs.
  void forget_before(TimeMs from);
  // The features that the serving version reads; serve() made them.
  Status read_features(const std::vector<std::string>& specs, const std::string& expected_hash);
  const datasets::FeatureHistory& live_features() const { return *live_features_; }
  // Whether a prediction at the newest bar may be a signal.
  bool signal_allowed() const;

  // What was predicted at the newest bar.
  void remember_side(Side side);
  // The after-cost return of the strategy over the newest bar whose fills are known, where a prediction stood
  // behind it. Call once for each bar.
  std::optional<double> newest_strategy_return();
  // Sides by bar, from the first bar on; nothing where no prediction was made.
  const std::vector<std::optional<Side>>& sides() const { return sides_; }

  outcomes::OutcomeTracker open_predictions;
  judging::RunningReturns strategy_returns;
  outcomes::SignalTally tally;    // of this symbol's signals, for ever
  bool stale_quote_told = false;  // since its last fresh quote

 private:
  const recipe::Recipe& recipe_;
  Symbol symbol_;
  BarSeries bars_;
  std::map<std::string, std::unique_ptr<datasets::FeatureHistory>> histories_;  // by feature hash
  datasets::FeatureHistory* live_features_ = nullptr;                           // one of histories_
  datasets::FeatureHistory* where_ = nullptr;                                   // likewise
  std::vector<std::optional<Side>> sides_;
  judging::StrategyTracker strategy_;
};

}  // namespace pawl::loop
