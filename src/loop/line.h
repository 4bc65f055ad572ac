// One line's moving parts: its bars, its features, the model that serves, what is open and how it has done.
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
#include "serving/live_model.h"
#include "triggers/trigger.h"

namespace pawl::loop {

// A trigger that found too few rows: tried again at `retry_at`.
struct Deferral {
  triggers::TriggerReason reason;
  TimeMs retry_at = 0;
};

class Line {
 public:
  // `scale_spec` is the feature that the labeller scales by, where it asks for one.
  Line(const recipe::Recipe& recipe, Symbol symbol, std::size_t horizon_bars);

  const LineId& id() const { return id_; }
  const Symbol& symbol() const { return symbol_; }
  const BarSeries& bars() const { return bars_; }

  // Takes the next bar; every feature history follows it.
  void append(const Bar& bar);
  // The history of a feature list over this line's bars, made and brought up to date at the first call.
  Result<datasets::FeatureHistory*> history(const std::vector<std::string>& specs);
  // Forgets feature checkpoints that no window from `from` on needs.
  void forget_before(TimeMs from);

  // What was predicted at the newest bar.
  void remember_side(Side side);
  // The after-cost return of the strategy over the newest bar whose fills are known, where a prediction stood
  // behind it. Call once for each bar.
  std::optional<double> newest_strategy_return();

  // Lets a version serve from the next prediction on; its features are brought up to date first.
  Status serve(serving::LiveModel::Handle version);
  serving::LiveModel::Handle live() const { return live_.get(); }
  // The features that the serving version reads.
  const datasets::FeatureHistory& live_features() const { return *live_features_; }

  outcomes::OutcomeTracker open_predictions;
  outcomes::LivePerformance performance;
  judging::RunningReturns strategy_returns;
  // Scores of the newest champions in their own contests, newest first: what `best_of_last` measures against.
  std::vector<Scorecard> champion_scores;

  TimeMs started_at = 0;
  std::optional<TimeMs> last_retrain_at, last_attempt_at, last_checked_at, retry_after;
  std::optional<Deferral> deferral;
  std::string manual_reason;  // not empty: a person asked
  int failures = 0;           // in a row
  bool busy = false;          // a run is under way
  bool signal_since_check = false;

  triggers::LineSnapshot snapshot() const;
  // Sides by bar, from the first bar on; nothing where no prediction was made.
  const std::vector<std::optional<Side>>& sides() const { return sides_; }

 private:
  const recipe::Recipe& recipe_;
  LineId id_;
  Symbol symbol_;
  BarSeries bars_;
  std::map<std::string, std::unique_ptr<datasets::FeatureHistory>> histories_;  // by feature hash
  serving::LiveModel live_;
  datasets::FeatureHistory* live_features_ = nullptr;  // one of histories_
  std::vector<std::optional<Side>> sides_;
  judging::StrategyTracker strategy_;
};

}  // namespace pawl::loop
