// One retrain: from a trigger's reason to verdicts. Making a run decides everything at once, from what is
// known at its start; the loop announces it when its time has come.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/evidence.h"
#include "domain/version.h"
#include "gates/gate_policy.h"
#include "labels/labeller.h"
#include "loop/journal.h"
#include "loop/line.h"
#include "loop/windows.h"
#include "models/model_kind.h"
#include "registry/registry.h"
#include "training/executor.h"

namespace pawl::loop {

// What a recipe's names stand for, made once.
struct RunKinds {
  std::unique_ptr<labels::Labeller> labeller;  // none of a trade filter
  std::unique_ptr<gates::GatePolicy> gate;
};
Result<RunKinds> make_kinds(const recipe::Recipe& recipe);

// What a run found for one line.
struct LineReport {
  LineId line;
  std::string symbol;
  RowRange trained_on;
  Evidence evidence;
  Verdict verdict;
  std::vector<training::FoldReport> folds;
  Json search;  // the trials of a full retrain; null elsewhere
  // What else that search found out: how far it overfits, and which leaks it looked for; null elsewhere.
  Json overfitting = {}, leak_check = {};
  // The gate let it through, and it does not serve all the same: what it waits for (docs/shadow.md).
  std::string probation = {};
  // It was refused, and could not be fitted to the present to be followed all the same: why.
  std::string refit_failure = {};

  // What the run did with the line: the gate's word, but keep where the challenger has to wait.
  Decision decision() const { return probation.empty() ? verdict.decision : Decision::keep; }
};

// Lines that run together, with their windows or why they have none.
struct LinePlan {
  Line* line = nullptr;
  std::optional<Windows> windows;
  std::string why_ineligible;  // set where windows is not
};

struct RunReport {
  std::int64_t id = 0;
  std::vector<LineId> lines;
  std::string trigger, reason;
  bool full = false;   // settings were searched for
  bool force = false;  // a person wanted it promoted whatever the gate said
  TimeMs started_at = 0, known_at = 0;
  std::vector<LineReport> by_line;  // empty where the run failed
  std::string failure;              // why it failed; else empty

  bool completed() const { return failure.empty(); }
  // The priority among runs that wait: what a person asked for comes first.
  int priority() const { return trigger == "manual" ? 1 : 0; }
  // "promote" where any line was promoted, else "keep", or "insufficient" where no line had enough rows. What
  // is on probation was not promoted.
  std::string verdict() const;
  // In the form that `pawl replay --json` prints.
  Json to_json() const;
};
Json to_json(const Evidence& evidence);
// Evidence, checks, verdict and reasons of one line, in the same form.
Json to_json(const LineReport& line);

// Stands first among a verdict's reasons where a person's word outweighed the gate's; what the gate said
// follows it.
inline constexpr std::string_view kForcedReason = "forced past the gate by hand";

// Of what is trained at `now`. By the instant, not by the run's number: what is trained at T is the same
// whatever runs came before it, so that policies which are compared share their trainings.
std::uint64_t training_seed(const recipe::Recipe& recipe, TimeMs now);
// What a line is trained from for these windows; a refit still needs its fit's rounds.
Result<training::Job> make_job(const recipe::Recipe& recipe, Line& line, const Windows& windows,
                               training::JobKind kind, std::int64_t run_id,
                               const std::vector<std::string>& features, bool walk_forward);

// A run that is made but whose end has not come yet.
struct PendingRun {
  TimeMs due = 0;
  std::vector<Line*> lines;
  RunReport report;
  // By line; nothing where a line was ineligible. Those promoted have their serving artifact, and by default
  // those refused too, which are followed in the shadow.
  std::vector<std::optional<VersionBundle>> challengers;
  // By line: the settings that a search found; null where there was none.
  std::vector<Json> found_settings;
};

// A run between its trigger and its end: it asks for jobs, somebody runs them, and it takes the results, once
// to judge what was fitted, once to finish what was refitted.
struct RunUnderWay {
  struct Challenger {
    VersionBundle bundle;
    int rounds = 0;
    std::vector<training::FoldReport> folds;
    Json found_settings;
  };
  PendingRun run;
  std::vector<LinePlan> plans;
  std::vector<training::Job> jobs;  // to be run next; empty where there are none, or no more
  std::vector<std::optional<Challenger>> challengers;  // by line, once they are fitted
  std::vector<Verdict> verdicts;                       // by line, once they are judged
};
using JobResults = std::vector<Result<training::JobResult>>;

class RunMaker {
 public:
  RunMaker(const recipe::Recipe& recipe, const RunKinds& kinds, registry::Registry& registry,
           training::Executor& executor, Journal& journal)
      : recipe_(recipe), kinds_(kinds), registry_(registry), executor_(executor), journal_(journal) {}

  // Opens a run over all lines that have windows (the others are ineligible evidence): it is recorded, and
  // its jobs to fit are made from what is known at `now`. From here on a failure is data: it stands in the
  // report, and there are no more jobs.
  Result<RunUnderWay> begin(std::vector<LinePlan> plans, const triggers::TriggerReason& reason, TimeMs now,
                            bool walk_forward);
  // Contest and verdicts of what was fitted; then the run's jobs are those that refit what was promoted, and
  // what was refused where that is to be followed. The rows are those of the run's windows, however much has
  // come since.
  void judge(RunUnderWay& run, JobResults fitted);
  // The end, known at `due`.
  PendingRun finish(RunUnderWay run, JobResults refitted, TimeMs due);
  // Begins nothing new: all of the above at once, in this thread.
  PendingRun make(RunUnderWay run, TimeMs due);
  training::Executor& executor() { return executor_; }

  // The walk-forward folds of a run that was made without them, on the rows that it was fitted to; by line,
  // empty for those without windows.
  Result<std::vector<std::vector<training::FoldReport>>> walk_forward(const std::vector<LinePlan>& plans,
                                                                      std::int64_t run_id);

  // The serving artifact of a version that was kept, for a person who promotes it past the gate: its own
  // features, settings and rounds, fitted to what the line has learnt of by `now`.
  Result<Artifact> refit_kept(Line& line, const VersionBundle& version, TimeMs now);

 private:
  using Challenger = RunUnderWay::Challenger;
  Result<Challenger> challenger_of(Line& line, std::int64_t run_id, std::uint64_t seed,
                                   training::JobResult result) const;
  Result<std::vector<training::Job>> fit_jobs(const std::vector<LinePlan>& plans, std::int64_t run_id,
                                              bool full, bool walk_forward) const;
  Result<std::vector<std::optional<Challenger>>> challengers_of(const std::vector<LinePlan>& plans,
                                                                std::int64_t run_id, JobResults fitted) const;
  Result<Evidence> contest(const LinePlan& plan, const std::optional<Challenger>& challenger);
  Status judge_all(RunUnderWay& run, JobResults fitted);
  Result<std::vector<training::Job>> refit_jobs(const RunUnderWay& run) const;
  // Whether a line's challenger gets its serving artifact: to serve, or to be followed in the shadow.
  bool is_refitted(const RunUnderWay& run, std::size_t line) const;
  // A refused challenger that could not be refitted fails nothing: its report says so.
  Status take_refitted(RunUnderWay& run, JobResults refitted) const;
  static void fail_run(RunUnderWay& run, const Error& error);

  const recipe::Recipe& recipe_;
  const RunKinds& kinds_;
  registry::Registry& registry_;
  training::Executor& executor_;
  Journal& journal_;
};

}  // namespace pawl::loop
