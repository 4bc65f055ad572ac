// What triggers ask about one line of models: how it has done, when it was last trained, what stands in the
// way of the next run. What the line serves and learns from is the business of the classes below it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "domain/costs.h"
#include "domain/ids.h"
#include "outcomes/live_performance.h"
#include "triggers/trigger.h"

namespace pawl::loop {

// A trigger that found too few rows: tried again at `retry_at`.
struct Deferral {
  triggers::TriggerReason reason;
  TimeMs retry_at = 0;
};

class TriggeredLine {
 public:
  // `name` is what sentences call it: the symbol as given, or "pool".
  TriggeredLine(LineId id, std::string name, Costs costs)
      : performance(costs), id_(std::move(id)), name_(std::move(name)), costs_(costs) {}
  virtual ~TriggeredLine() = default;

  const LineId& id() const { return id_; }
  const std::string& name() const { return name_; }
  const Costs& costs() const { return costs_; }

  // What it has learnt of so far (bars, closed trades).
  virtual std::int64_t data_count() const = 0;
  // What a trigger counts towards the next training.
  virtual std::int64_t new_samples() const { return performance.since_retrain().outcomes; }

  outcomes::LivePerformance performance;
  TimeMs started_at = 0;
  std::optional<TimeMs> last_retrain_at, last_attempt_at, last_checked_at, retry_after;
  std::optional<TimeMs> last_trained_to;   // nothing known later went into the last completed run, or import
  std::int64_t data_at_last_attempt = -1;  // data_count() then
  bool last_attempt_full = false;
  std::optional<Deferral> deferral;
  std::string manual_reason;  // not empty: a person asked
  bool manual_full = false;   // … for a full retrain
  bool manual_force = false;  // … past the gate
  int failures = 0;           // in a row
  bool busy = false;          // a run is under way
  bool signal_since_check = false;
  std::optional<triggers::DriftSeen> drift_seen;  // by the newest check of the serving version

  // `live_event` is false where only the clock ticked.
  triggers::LineSnapshot snapshot(bool live_event) const;
  // A run over the line begins: whatever was asked for is in it.
  void run_begins(bool full, TimeMs now);
  // A run that began at `started` has completed, promoted or refused: it resets the clocks of the triggers,
  // of a group's ineligible lines too, or they would ask for the next run at once.
  void run_completed(TimeMs started, TimeMs at);
  // A run failed: the next is not begun before a wait, `first_wait` and doubled each time, at most a day.
  void back_off(TimeMs at, DurationMs first_wait);
  // … and what a moment said (a schedule, a person) will not be said again, so the line remembers it.
  void run_failed(const triggers::TriggerReason& reason, TimeMs at, DurationMs first_wait);

 private:
  LineId id_;
  std::string name_;
  Costs costs_;
};

}  // namespace pawl::loop
