// Why a line should be retrained now. A trigger is pure: a snapshot of the line and the time in, a reason or
// nothing out. Safe from any thread; holds nothing but its settings. It knows nothing of runs under way,
// cool-downs or back-off: those are the loop's. What each trigger asks: docs/triggers.md.
//
// A new trigger is one file in kinds/ that defines `TriggerKind name_trigger()`, and its name in triggers.cc.
// See kinds/age.cc for the shortest real one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "base/time.h"

namespace pawl::triggers {

struct SignalCounts {
  std::int64_t signals = 0;  // predictions that were not HOLD and whose outcome is known
  std::int64_t correct = 0;
  std::optional<double> win_rate() const {
    if (signals == 0) return std::nullopt;
    return static_cast<double>(correct) / static_cast<double>(signals);
  }
};

// What the newest check of drift said (docs/drift.md).
struct DriftSeen {
  TimeMs at = 0;
  std::vector<std::string> features;  // that alarmed, the furthest from their limit first
  // Checks in a row, this one the last, by what alarmed at each: [k] where more than k features did, as many
  // of them as `features`; the prediction; the errors. 0: it is quiet now.
  std::vector<std::int64_t> feature_checks;
  std::int64_t prediction_checks = 0, error_checks = 0;
};

// What is known of a line at one instant.
struct LineSnapshot {
  TimeMs started_at = 0;  // first event of the line here
  SignalCounts since_retrain, ever;
  // Of every prediction, HOLD included; of a trade filter, the trades that closed after what it was trained
  // on.
  std::int64_t outcomes_since_retrain = 0;
  std::optional<TimeMs> last_retrain_at;  // end of the last completed run, promoted or refused, or import
  std::optional<TimeMs> last_attempt_at;  // start of the last run, whatever became of it
  std::optional<TimeMs> last_checked_at;  // the previous check: a schedule in between is due once
  bool manual_requested = false, manual_full = false, manual_force = false;
  std::string manual_reason;
  std::optional<DriftSeen> drift;  // nothing before the serving version's first check
  bool live_event = true;          // false where only the clock ticked: signal rules do not look then
};

struct TriggerReason {
  std::string trigger;  // "first", "win_rate", "age", "cron", "samples", "trades", "manual"
  std::string reason;   // begins with the trigger's words: "win rate: 0.438 is below 0.45 over 32 signals …"
  bool full = false;    // settings are searched for anew
  // A full retrain that is due within this time takes this one's place.
  DurationMs yields_to_full_ms = 0;
  bool force = false;  // what the run makes is promoted whatever the gate says of it
};

// True for triggers whose reason holds at one moment only (a schedule, a person, a sample count looked at on
// schedule): asked again later they would say nothing, so a deferred or failed run must remember them.
inline bool is_momentary(std::string_view trigger) {
  return trigger == "cron" || trigger == "manual" || trigger == "samples";
}

class Trigger {
 public:
  virtual ~Trigger() = default;
  virtual std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const = 0;
  // The next instant after `now` at which the clock alone can make it fire, for the scheduler; nothing where
  // none can. It need not fire then: check() decides.
  virtual std::optional<TimeMs> next_time(TimeMs now) const = 0;
  // Whether its reasons ask for a full retrain.
  virtual bool full() const { return false; }
};

struct TriggerKind {
  std::string name;  // "auto_training" (B3), "cron", "samples", "trades" (C5), "age", "manual"
  std::string help;
  Schema schema;
  Result<std::unique_ptr<Trigger>> (*make)(const Settings& settings);
};
// All triggers, sorted by name.
const std::vector<TriggerKind>& trigger_kinds();
// Null where there is no such trigger.
const TriggerKind* find_trigger_kind(std::string_view name);

}  // namespace pawl::triggers
