// How a line's served predictions have done: since its last retrain and ever. O(1) a prediction, whatever the
// history. One thread at a time.
#pragma once

#include <limits>
#include <optional>

#include "domain/costs.h"
#include "domain/prediction.h"

namespace pawl::outcomes {

// Signals only: predictions that were not HOLD and whose outcome is known.
struct SignalTally {
  std::int64_t signals = 0, correct = 0, correct_net = 0;
  std::int64_t outcomes = 0;                       // of every prediction, HOLD included
  double win_sum = 0, loss_sum = 0, cost_sum = 0;  // absolute gross moves of correct and of wrong ones; costs

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
  void add(const Outcome& outcome);
  // A completed run ended at `at`: predictions made from then on are counted from here. Those still open are
  // of the model before, and count for ever only.
  void mark_retrain(TimeMs at) {
    retrained_at_ = at;
    since_retrain_ = {};
  }
  const SignalTally& since_retrain() const { return since_retrain_; }
  const SignalTally& ever() const { return ever_; }

 private:
  Costs costs_;
  TimeMs retrained_at_ = std::numeric_limits<TimeMs>::min();
  SignalTally since_retrain_, ever_;
};

}  // namespace pawl::outcomes
