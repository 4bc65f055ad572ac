// One policy led over the bars of a comparison: it decides as a loop in replay does, from the same classes,
// but stores nothing and shares with the other policies what does not depend on who decides.
//
// A walk goes on until it needs a training that nobody has done yet; whoever leads it trains, and leads on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/contest_history.h"
#include "judging/running.h"
#include "loop/run.h"
#include "loop/trigger_clock.h"
#include "outcomes/version_watch.h"
#include "studies/contests.h"
#include "studies/trainings.h"

namespace pawl::studies {

// The bars of all markets in the order in which a replay feeds them.
struct Timeline {
  struct Item {
    std::size_t market, bar;
  };
  std::vector<TimeMs> closes;       // of each batch
  std::vector<std::size_t> begins;  // where each batch begins in `items`, and one more
  std::vector<Item> items;

  std::size_t batches() const { return closes.size(); }
  std::span<const Item> batch(std::size_t i) const {
    return std::span(items).subspan(begins[i], begins[i + 1] - begins[i]);
  }
};
Timeline timeline_of(const std::vector<std::unique_ptr<Market>>& markets);

// A version of a line, as its policy knows it.
struct Version {
  VersionNumber number;
  ModelHandle judged;
  ModelHandle serving;  // null where the gate kept it
  TimeMs began_at = 0;  // of the run that made it: T
};

// A version begins to serve, by a promotion or, where `back`, by a rollback.
struct Swap {
  TimeMs at = 0;
  std::size_t bar = 0;  // of the line's market: the first that it predicts from
  Version from, to;
  bool back = false;
};

// What one line of a policy did, bar by bar.
struct LineHistory {
  static constexpr signed char kNoPrediction = 2;
  // By bar: a Side, or kNoPrediction.
  std::vector<signed char> sides;
  Version first;            // version 0
  std::vector<Swap> swaps;  // by time
  outcomes::SignalTally tally;
  judging::StrategyTracker strategy;

  // The version that predicted from a bar.
  const Version& version_at(std::size_t bar) const;
  // The index of that version: 0 is the first, i the one of swap i − 1.
  std::size_t version_index_at(std::size_t bar) const;
};

// What a run was about, by line.
struct RunModels {
  std::vector<std::size_t> lines;    // markets, in the order of the report
  std::vector<Version> champions;    // that served when it began
  std::vector<Version> challengers;  // judged is null where there was none
};

// All that a policy did.
struct PolicyHistory {
  std::string name;
  std::vector<loop::RunReport> runs;  // as loop::Loop::finished_runs() has them, in order of their end
  std::vector<RunModels> models;      // of each of them
  std::vector<LineHistory> lines;     // by market
  // By batch of the timeline: the after-cost return of the strategy, the mean over the lines that had one;
  // NaN where none had.
  std::vector<double> returns;
  judging::RunningReturns portfolio;  // of the same
  std::int64_t completed = 0, failed = 0, promotions = 0, deferred = 0;
  std::int64_t rollbacks = 0;
  std::vector<TrainingHandle> trainings;  // that it asked for, in order; all are done
  double seconds = 0;                     // of one processor, without trainings
};

// What walks share; outlives them.
struct Shared {
  const std::vector<std::unique_ptr<Market>>& markets;
  const Timeline& timeline;
  const std::vector<ModelHandle>& baselines;  // by market
  Trainings& trainings;
  Contests& contests;
  TimeMs begin_at;  // bars that close before it are history only
};

// One thread at a time.
class Walk : private loop::RunHost {
 public:
  // The recipe outlives it.
  static Result<std::unique_ptr<Walk>> make(const Shared& shared, const recipe::Recipe& recipe,
                                            std::string name);

  // Goes on as far as it can: true at the end, false where it waits for trainings.
  Result<bool> advance();
  // Whether what it waits for is there.
  bool ready() const;
  std::size_t batches_done() const { return batch_; }
  PolicyHistory take_history() { return std::move(history_); }

 private:
  // A line's own state. What a policy is to know or watch of a line beyond the loop's clocks goes here.
  struct WalkLine final : loop::TriggeredLine {
    WalkLine(const Market& given, const Version& baseline);
    std::int64_t data_count() const override { return static_cast<std::int64_t>(seen); }

    const Market* market;
    std::size_t seen = 0;       // bars
    std::size_t unsettled = 0;  // the oldest bar whose outcome is not known
    Version serving;
    AskedModel::Block block;  // of the serving model
    std::int64_t last_number = 0;
    std::vector<Scorecard> champion_scores;
    ContestHistory contests;
    // The version before the newest swap, which may come back; its serving model is null where nothing is
    // watched.
    Version former;
    AskedModel::Block former_block;
    TimeMs watched_since = 0;
    outcomes::VersionWatch watch;
    Outcome outcome;  // scratch
  };
  // A run between its trigger and its end.
  struct Run {
    loop::RunReport report;
    RunModels models;
    std::vector<loop::PlannedLine> plans;
    std::vector<std::vector<Scorecard>> earlier;  // by plan
    std::vector<TrainingHandle> fits, refits;     // by plan; null where there is none
    bool judged = false;
    TimeMs due = 0;
  };

  Walk(const Shared& shared, const recipe::Recipe& recipe, loop::RunKinds kinds, loop::TriggerClock clock,
       std::string name);

  std::optional<TimeMs> next_tick(TimeMs after);
  Status next_event();
  Status step();
  Status tick(TimeMs now);
  std::optional<double> take_bar(std::size_t line, std::size_t bar);
  void settle(WalkLine& line, LineHistory& history);
  // As Loop::judge_shadow: the former version comes back where the evidence is enough.
  void judge_former(std::size_t line, TimeMs now);
  void serve(WalkLine& line, const Version& version);
  void predict(std::size_t line);

  Result<bool> holds(std::size_t, TimeMs) override { return false; }
  loop::PlannedLine plan(std::size_t line, TimeMs now) override;
  Status begin(std::vector<loop::PlannedLine> plans, const triggers::TriggerReason& reason,
               TimeMs now) override;
  Status tell(std::string_view kind, std::span<const std::size_t> lines, TimeMs now,
              const Json& payload) override;

  // Takes runs that were begun as far as their trainings are there; false where one waits.
  bool make_runs();
  bool make_run(Run& run);
  Evidence evidence_of(Run& run, std::size_t i);
  void judge(Run& run);
  TrainingHandle order(const Run& run, std::size_t i, training::JobKind kind, std::optional<int> rounds);
  static void fail_run(Run& run, const Error& error);
  void end_due_runs(TimeMs now);
  void end_run(Run run);
  // Why the run's promotions cannot be: a rollback has moved a pointer since the run began, so that its
  // contest was against another champion. Empty where they can.
  std::string moved_meanwhile(const Run& run) const;
  void swap(std::size_t line, const Run& run, std::size_t i);

  const Shared& shared_;
  const recipe::Recipe& recipe_;
  loop::RunKinds kinds_;
  loop::TriggerClock clock_;
  std::vector<std::unique_ptr<WalkLine>> lines_;
  std::vector<loop::TriggeredLine*> triggered_;
  std::vector<Run> making_;   // begun at the newest event, in order
  std::vector<Run> pending_;  // by due time
  std::int64_t run_ids_ = 0;

  std::size_t batch_ = 0;         // next to be fed
  std::optional<TimeMs> newest_;  // event behind which the next schedule is looked for
  bool tick_with_bars_ = false;   // a schedule is due at the very close of the newest batch
  // The last answer of the schedules, and the instant that it was asked for: it holds until it is past.
  std::optional<TimeMs> schedule_asked_, schedule_next_;
  std::vector<std::size_t> due_;  // scratch: lines with a bar in the batch
  PolicyHistory history_;
};

}  // namespace pawl::studies
