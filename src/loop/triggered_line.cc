#include "loop/triggered_line.h"

#include <algorithm>

namespace pawl::loop {

namespace {
constexpr DurationMs kLongestBackoff = kDayMs;
}

triggers::LineSnapshot TriggeredLine::snapshot(bool live_event) const {
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
          .drift = drift_seen,
          .live_event = live_event && signal_since_check};
}

void TriggeredLine::run_begins(bool full, TimeMs now) {
  deferral.reset();
  manual_reason.clear();
  manual_full = false;
  manual_force = false;
  busy = true;
  last_attempt_at = now;
  data_at_last_attempt = data_count();
  last_attempt_full = full;
}

void TriggeredLine::run_completed(TimeMs started, TimeMs at) {
  last_retrain_at = at;
  last_trained_to = started;
  performance.mark_retrain(at);
  failures = 0;
  retry_after.reset();
}

void TriggeredLine::back_off(TimeMs at, DurationMs first_wait) {
  const DurationMs wait = std::min(kLongestBackoff, first_wait << std::min(failures, 10));
  ++failures;
  retry_after = at + wait;
}

void TriggeredLine::run_failed(const triggers::TriggerReason& reason, TimeMs at, DurationMs first_wait) {
  back_off(at, first_wait);
  if (triggers::is_momentary(reason.trigger)) deferral = Deferral{reason, *retry_after};
}

}  // namespace pawl::loop
