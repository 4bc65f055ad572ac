#include "loop/line.h"

namespace pawl::loop {

triggers::LineSnapshot Line::snapshot(bool live_event) const {
  const auto counts = [](const outcomes::SignalTally& tally) {
    return triggers::SignalCounts{.signals = tally.signals, .correct = tally.correct};
  };
  return {.started_at = started_at,
          .since_retrain = counts(performance.since_retrain()),
          .ever = counts(performance.ever()),
          .outcomes_since_retrain = new_samples(),
          .last_retrain_at = last_retrain_at,
          .last_attempt_at = last_attempt_at,
          .last_checked_at = last_checked_at,
          .manual_requested = !manual_reason.empty(),
          .manual_full = manual_full,
          .manual_force = manual_force,
          .manual_reason = manual_reason,
          .live_event = live_event && signal_since_check};
}

}  // namespace pawl::loop
