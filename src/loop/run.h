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
  std::unique_ptr<labels::Labeller> labeller;
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
};

struct RunReport {
  std::int64_t id = 0;
  std::vector<LineId> lines;
  std::string trigger, reason;
  TimeMs started_at = 0, known_at = 0;
  std::vector<LineReport> by_line;  // empty where the run failed
  std::string failure;              // why it failed; else empty

  bool completed() const { return failure.empty(); }
  // "promote" where any line was promoted, else "keep", or "insufficient" where no line had enough rows.
  std::string verdict() const;
  // In the form that `pawl replay --json` prints.
  Json to_json() const;
};
Json to_json(const Evidence& evidence);

// A run that is made but whose end has not come yet.
struct PendingRun {
  TimeMs due = 0;
  std::vector<Line*> lines;
  RunReport report;
  std::vector<VersionBundle> challengers;  // by line; those promoted have their serving artifact
};

class RunMaker {
 public:
  RunMaker(const recipe::Recipe& recipe, const RunKinds& kinds, registry::Registry& registry,
           training::Executor& executor, Journal& journal)
      : recipe_(recipe), kinds_(kinds), registry_(registry), executor_(executor), journal_(journal) {}

  // insufficient_data where a line has too few rows: then nothing has begun, and the caller defers.
  Result<std::vector<Windows>> plan(const std::vector<Line*>& lines, TimeMs now) const;
  // Fit, contest, verdict and refit for all lines. A failure inside is data: it stands in the report.
  Result<PendingRun> make(const std::vector<Line*>& lines, const std::vector<Windows>& windows,
                          const triggers::TriggerReason& reason, TimeMs now, DurationMs latency);

  // The serving artifact of a version that was kept, for a person who promotes it past the gate: its own
  // features, settings and rounds, fitted to the line's bars as they are at `now`.
  Result<Artifact> refit_kept(Line& line, const VersionBundle& version, TimeMs now);

 private:
  struct Challenger {
    VersionBundle bundle;
    int rounds = 0;
    std::vector<training::FoldReport> folds;
  };
  training::Job job_of(Line& line, training::JobKind kind, const Windows& windows, std::int64_t run_id,
                       const std::vector<std::string>& features) const;
  Result<Challenger> fit(Line& line, const Windows& windows, std::int64_t run_id);
  Result<Evidence> contest(Line& line, const Windows& windows, const Challenger& challenger);
  Status refit(Line& line, const Windows& windows, std::int64_t run_id, Challenger& challenger);
  Status judge_all(const std::vector<Line*>& lines, const std::vector<Windows>& windows, PendingRun& run);

  const recipe::Recipe& recipe_;
  const RunKinds& kinds_;
  registry::Registry& registry_;
  training::Executor& executor_;
  Journal& journal_;
};

}  // namespace pawl::loop
