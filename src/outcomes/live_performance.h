// How a line's served predictions have done: since its last retrain and ever. O(1) a prediction, whatever the
// history. One thread at a time.
#pragma once

#include <optional>

#include "domain/costs.h"
#include "domain/prediction.h"

namespace pawl::outcomes {

// Signals only: predictions that were not HOLD and whose outcome is known.
struct SignalTally {
  std::int64_t signals = 0, correct = 0, correct_net = 0;
  std::int64_t outcomes = 0;                       // of every prediction, HOLD included
  double win_sum = 0, loss_sum = 0, cost_sum = 0;  // absolute gross moves of correct and of wrong ones; costs
  double pnl_pct_sum = 0;

  void add(const Outcome& outcome, const Costs& costs);
  // Nothing where there are no signals.
  std::optional<double> win_rate() const;
  std::optional<double> win_rate_net() const;
  // The win rate that these moves need to break even; nothing without both a win and a loss.
  std::optional<double> break_even() const;
};

class LivePerformance {
 public:
  explicit LivePerformance(Costs costs) : costs_(costs) {}
  void add(const Outcome& outcome) { add(outcome, outcome.known_at - 1); }
  // The same for an outcome read back: it counts since the last retrain where it became known after it.
  void add(const Outcome& outcome, TimeMs last_retrain_at);
  // A completed run: what follows is counted from here.
  void mark_retrain() { since_retrain_ = {}; }
  const SignalTally& since_retrain() const { return since_retrain_; }
  const SignalTally& ever() const { return ever_; }

 private:
  Costs costs_;
  SignalTally since_retrain_, ever_;
};

}  // namespace pawl::outcomes
