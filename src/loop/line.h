// One line of models: what serves, how it has done, when it was last trained. What it learns from (bars of
// one market, of many, a bot's trades) is the business of the classes below it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/contest_history.h"
#include "domain/scorecard.h"
#include "loop/shadow.h"
#include "loop/windows.h"
#include "outcomes/live_performance.h"
#include "serving/live_model.h"
#include "training/job.h"
#include "triggers/trigger.h"

namespace pawl::loop {

// A trigger that found too few rows: tried again at `retry_at`.
struct Deferral {
  triggers::TriggerReason reason;
  TimeMs retry_at = 0;
};

// The columns that a model of the line reads.
struct FeatureIdentity {
  std::vector<std::string> specs;  // canonical
  std::string hash;
};

class Line {
 public:
  // `name` is what sentences call it: the symbol as given, or "pool".
  Line(LineId id, std::string name, Costs costs)
      : performance(costs), id_(std::move(id)), name_(std::move(name)), costs_(costs) {}
  virtual ~Line() = default;

  const LineId& id() const { return id_; }
  const std::string& name() const { return name_; }
  const Costs& costs() const { return costs_; }

  virtual int classes() const = 0;
  virtual Result<FeatureIdentity> features() = 0;
  // Version 0: the rules, as a bundle like any other.
  virtual Result<VersionBundle> baseline(TimeMs now) = 0;
  // The windows of a run at `now`; insufficient_data, in words, where there are too few rows.
  virtual Result<Windows> plan(TimeMs now) = 0;
  // Puts into a job what it may see: nothing known after job.cut.
  virtual Status fill(training::Job& job, const Windows& windows,
                      const std::vector<std::string>& features) = 0;
  // The version that serves against a challenger whose judged model is `model`.
  virtual Result<Evidence> contest(const Windows& windows, const VersionBundle& challenger,
                                   const models::Model& model) = 0;
  // Lets a version serve from the next prediction on.
  virtual Status serve(serving::LiveModel::Handle version) = 0;
  // Forgets what no window from `from` on needs.
  virtual void forget_before(TimeMs from) = 0;
  // What it has learnt of so far (bars, closed trades), and when the newest of it was known.
  virtual std::int64_t data_count() const = 0;
  virtual TimeMs newest_known_at() const = 0;  // of a line with data only
  // What a trigger counts towards the next training.
  virtual std::int64_t new_samples() const { return performance.since_retrain().outcomes; }

  serving::LiveModel::Handle live() const { return live_.get(); }

  outcomes::LivePerformance performance;
  // Scores of the newest champions in their own contests, newest first: what `best_of_last` measures against.
  std::vector<Scorecard> champion_scores;
  // A version that answers beside the one that serves, where there is one.
  Shadow shadow;
  // What its contests have found: the prior and the error budget of a gate that asks for them.
  ContestHistory contests;
  // Model settings that the last full retrain found; null before the first.
  Json found_settings;

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

  // `live_event` is false where only the clock ticked.
  triggers::LineSnapshot snapshot(bool live_event) const;

 protected:
  serving::LiveModel live_;

 private:
  LineId id_;
  std::string name_;
  Costs costs_;
};

}  // namespace pawl::loop
