#include "loop/run.h"

#include <algorithm>
#include <cassert>

#include "base/random.h"
#include "models/artifact_model.h"

namespace pawl::loop {

Result<RunKinds> make_kinds(const recipe::Recipe& recipe) {
  RunKinds kinds;
  const gates::GatePolicyKind* gate = gates::find_gate_policy_kind(recipe.gate.kind);
  assert(gate != nullptr && "the recipe was validated");
  auto made_gate = gate->make(recipe.gate.settings);
  if (!made_gate) return propagate(made_gate);
  kinds.gate = std::move(*made_gate);
  if (recipe.trades.present) return kinds;
  const labels::LabellerKind* labeller = labels::find_labeller_kind(recipe.label.kind);
  assert(labeller != nullptr && "the recipe was validated");
  auto made_labeller =
      labeller->make(recipe.label.settings, {recipe.costs_of(recipe.symbols.front()), recipe.calendar});
  if (!made_labeller) return propagate(made_labeller);
  kinds.labeller = std::move(*made_labeller);
  return kinds;
}

std::uint64_t training_seed(const recipe::Recipe& recipe, TimeMs now) {
  return derive_seed(recipe.seed, static_cast<std::uint64_t>(now));
}

Result<training::Job> make_job(const recipe::Recipe& recipe, Line& line, const Windows& windows,
                               training::JobKind kind, std::int64_t run_id,
                               const std::vector<std::string>& features, bool walk_forward) {
  training::Job job;
  job.kind = kind;
  job.run_id = run_id;
  job.line = line.id();
  job.cut = kind == training::JobKind::fit ? windows.fit_cut : windows.refit_cut;
  job.base = recipe.base;
  job.day_anchor = recipe.calendar.day_anchor();
  job.session = recipe.calendar.session();
  job.model_kind = recipe.model.kind;
  job.model_settings = recipe.model.settings.to_json();
  if (!line.found_settings.is_null()) job.model_settings = line.found_settings;
  job.costs = line.costs();
  job.signal = recipe.signal;
  // What serves is watched for drift, and that is what was refitted.
  job.reference = recipe.drift.enabled && kind == training::JobKind::refit;
  job.calibration = {recipe.calibration.method, recipe.calibration.share};
  job.bars_per_year = recipe.bars_per_year;
  // A refit repeats its fit with later rows: same settings, same rounds, same seed.
  job.seed = training_seed(recipe, windows.now);
  job.embargo_ms = windows.embargo_ms;
  if (kind == training::JobKind::fit && walk_forward) {
    job.walk_forward_folds = static_cast<int>(recipe.validation.walk_forward_folds);
  }
  if (Status filled = line.fill(job, windows, features); !filled) return propagate(filled);
  return job;
}

Result<RunUnderWay::Challenger> RunMaker::challenger_of(Line& line, std::int64_t run_id, std::uint64_t seed,
                                                        training::JobResult result) const {
  auto number = registry_.next_number(line.id());
  if (!number) return propagate(number);
  auto identity = line.features();
  if (!identity) return propagate(identity);
  Challenger challenger;
  challenger.rounds = result.rounds;
  challenger.folds = std::move(result.folds);
  if (result.report.contains("search")) challenger.found_settings = result.model_settings;
  VersionBundle& bundle = challenger.bundle;
  bundle.line = line.id();
  bundle.number = *number;
  bundle.run_id = run_id;
  bundle.features = std::move(identity->specs);
  bundle.features_hash = std::move(identity->hash);
  bundle.classes = line.classes();
  bundle.settings = {
      {"label", {{"kind", recipe_.label.kind}, {"settings", recipe_.label.settings.to_json()}}},
      {"model", {{"kind", recipe_.model.kind}, {"settings", result.model_settings}}},
      {"rounds", result.rounds},
      {"seed", seed},
      {"training", result.report}};
  if (recipe_.calibration.method != models::CalibrationMethod::none) {
    bundle.settings["calibration"] =
        training::to_json(training::JobCalibration{recipe_.calibration.method, recipe_.calibration.share});
  }
  bundle.judged = std::move(result.artifact);
  return challenger;
}

Result<std::vector<training::Job>> RunMaker::fit_jobs(const std::vector<LinePlan>& plans, std::int64_t run_id,
                                                      bool full, bool walk_forward) const {
  std::vector<training::Job> jobs;
  for (const LinePlan& plan : plans) {
    if (!plan.windows) continue;
    auto identity = plan.line->features();
    if (!identity) return propagate(identity);
    auto job = make_job(recipe_, *plan.line, *plan.windows, training::JobKind::fit, run_id, identity->specs,
                        walk_forward);
    if (!job) return propagate(job);
    if (full) {
      const recipe::SearchSettings& search = recipe_.search;
      job->search = {.form = training::search_form_of(search.form).value(),  // one of the schema's choices
                     .trials = static_cast<int>(search.trials),
                     .folds = static_cast<int>(search.folds),
                     .groups = static_cast<int>(search.groups),
                     .test_groups = static_cast<int>(search.test_groups),
                     .halving = static_cast<int>(search.halving),
                     .leak_repetitions = static_cast<int>(search.leak_repetitions),
                     .space = search.space};
    }
    jobs.push_back(std::move(*job));
  }
  return jobs;
}

Result<std::vector<std::optional<RunUnderWay::Challenger>>> RunMaker::challengers_of(
    const std::vector<LinePlan>& plans, std::int64_t run_id, JobResults fitted) const {
  std::vector<std::optional<Challenger>> challengers(plans.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (!plans[i].windows) continue;
    Result<training::JobResult>& result = fitted[next++];
    if (!result) return propagate(result);
    auto challenger = challenger_of(*plans[i].line, run_id, training_seed(recipe_, plans[i].windows->now),
                                    std::move(*result));
    if (!challenger) return propagate(challenger);
    challengers[i] = std::move(*challenger);
  }
  return challengers;
}

Result<Evidence> RunMaker::contest(const LinePlan& plan, const std::optional<Challenger>& challenger) {
  Line& line = *plan.line;
  if (!challenger) {
    Evidence evidence;
    evidence.line = line.id();
    evidence.symbol = line.name();
    evidence.eligible = false;
    evidence.why_ineligible = plan.why_ineligible;
    evidence.champion = evidence.challenger = line.live()->bundle.number;
    return evidence;
  }
  auto model = models::load_artifact(challenger->bundle.judged);
  if (!model) return propagate(model);
  auto evidence = line.contest(*plan.windows, challenger->bundle, **model);
  if (!evidence) return propagate(evidence);
  evidence->earlier_champions = line.champion_scores;
  line.contests.tell(*evidence, plan.windows->now, challenger->bundle.settings["training"]);
  return evidence;
}

bool RunMaker::is_refitted(const RunUnderWay& run, std::size_t line) const {
  if (!run.challengers[line]) return false;
  if (run.verdicts[line].decision == Decision::promote) return true;
  // Nothing follows what a trade filter refused.
  return run.verdicts[line].decision == Decision::keep && recipe_.watches_shadows() &&
         recipe_.shadow.refit_kept && !recipe_.trades.present;
}

Result<std::vector<training::Job>> RunMaker::refit_jobs(const RunUnderWay& run) const {
  std::vector<training::Job> jobs;
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    const std::optional<Challenger>& challenger = run.challengers[i];
    if (!is_refitted(run, i)) continue;
    auto job = make_job(recipe_, *run.plans[i].line, *run.plans[i].windows, training::JobKind::refit,
                        run.run.report.id, challenger->bundle.features, false);
    if (!job) return propagate(job);
    job->model_settings = challenger->bundle.settings["model"]["settings"];
    job->frozen_rounds = challenger->rounds;
    jobs.push_back(std::move(*job));
  }
  return jobs;
}

Status RunMaker::take_refitted(RunUnderWay& run, JobResults refitted) const {
  std::size_t next = 0;
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    std::optional<Challenger>& challenger = run.challengers[i];
    if (!is_refitted(run, i)) continue;
    Result<training::JobResult>& result = refitted[next++];
    if (result) {
      challenger->bundle.serving = std::move(result->artifact);
      continue;
    }
    const bool may_be_missing =
        run.verdicts[i].decision == Decision::keep && result.error().code != ErrorCode::cancelled;
    if (!may_be_missing) return propagate(result);
    run.run.report.by_line[i].refit_failure = result.error().message;
  }
  return {};
}

Result<Artifact> RunMaker::refit_kept(Line& line, const VersionBundle& version, TimeMs now) {
  auto windows = line.plan(now);
  if (!windows) return within(line.name(), windows.error());
  auto made =
      make_job(recipe_, line, *windows, training::JobKind::refit, version.run_id, version.features, false);
  if (!made) return propagate(made);
  training::Job& job = *made;
  // A version that another recipe, or another machine, made keeps its own settings; with another label it
  // would answer another question than the one it was judged by.
  const Json label = {{"kind", recipe_.label.kind}, {"settings", recipe_.label.settings.to_json()}};
  if (version.settings.contains("label") && version.settings["label"] != label) {
    return fail(
        ErrorCode::conflict,
        "{} {} was trained on another label ({}) than the recipe has now ({}); set the recipe's label back, "
        "or train anew",
        line.id(), version.number.text(), version.settings["label"].dump(), label.dump());
  }
  job.model_kind = version.judged.model_kind;
  if (version.settings.contains("model")) {
    job.model_settings = version.settings["model"].value("settings", Json::object());
  }
  auto calibration = training::calibration_from_json(version.settings.value("calibration", Json()));
  if (!calibration) return within(version.number.text(), calibration.error());
  job.calibration = *calibration;
  // Versions of before seeds were kept were seeded by their run.
  job.seed =
      version.settings.value("seed", derive_seed(recipe_.seed, static_cast<std::uint64_t>(version.run_id)));
  if (version.settings.contains("rounds")) job.frozen_rounds = version.settings.value("rounds", 0);
  auto result = executor_.run(job, {});
  if (!result) return propagate(result);
  return std::move(result->artifact);
}

namespace {

// The rows themselves are as long as the judged window; what they said stands in `difference`.
Evidence without_rows(Evidence evidence) {
  evidence.paired = {};
  return evidence;
}

}  // namespace

Status RunMaker::judge_all(RunUnderWay& run, JobResults fitted) {
  auto challengers = challengers_of(run.plans, run.run.report.id, std::move(fitted));
  if (!challengers) return propagate(challengers);
  run.challengers = std::move(*challengers);
  std::vector<Evidence> evidence;
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    std::optional<Challenger>& challenger = run.challengers[i];
    auto judged = contest(run.plans[i], challenger);
    if (!judged) return propagate(judged);
    if (challenger) {
      challenger->bundle.scores = judged->challenger_scores;
      challenger->bundle.trained_because = run.run.report.reason;
    }
    evidence.push_back(std::move(*judged));
  }
  run.verdicts = kinds_.gate->judge(evidence);
  assert(run.verdicts.size() == run.plans.size());
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    Verdict& verdict = run.verdicts[i];
    if (!run.run.report.force || !run.challengers[i] || verdict.decision == Decision::promote) continue;
    verdict.decision = Decision::promote;
    verdict.reasons.insert(verdict.reasons.begin(), std::string(kForcedReason));
  }
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    LineReport found{.line = run.plans[i].line->id(),
                     .symbol = run.plans[i].line->name(),
                     .trained_on = {},
                     .evidence = without_rows(std::move(evidence[i])),
                     .verdict = run.verdicts[i],
                     .folds = {},
                     .search = {}};
    if (std::optional<Challenger>& challenger = run.challengers[i]) {
      found.trained_on = challenger->bundle.judged.trained_on;
      found.folds = std::move(challenger->folds);
      const Json& training = challenger->bundle.settings["training"];
      found.search = training.value("search", Json());
      found.overfitting = training.value("overfitting", Json());
      found.leak_check = training.value("leak_check", Json());
    }
    run.run.report.by_line.push_back(std::move(found));
  }
  auto jobs = refit_jobs(run);
  if (!jobs) return propagate(jobs);
  run.jobs = std::move(*jobs);
  return {};
}

void RunMaker::fail_run(RunUnderWay& run, const Error& error) {
  run.run.report.failure = error.message;
  run.run.report.by_line.clear();
  run.jobs.clear();
}

Result<RunUnderWay> RunMaker::begin(std::vector<LinePlan> plans, const triggers::TriggerReason& reason,
                                    TimeMs now, bool walk_forward) {
  RunUnderWay run;
  RunReport& report = run.run.report;
  report.trigger = reason.trigger;
  report.reason = reason.reason;
  report.started_at = now;
  report.full = reason.full;
  report.force = reason.force;
  for (const LinePlan& plan : plans) {
    run.run.lines.push_back(plan.line);
    report.lines.push_back(plan.line->id());
  }

  store::RunRecord record{
      .lines = report.lines, .trigger = reason.trigger, .reason = reason.reason, .started_at = now};
  auto id = journal_.store().runs().begin(record);
  if (!id) return propagate(id);
  report.id = *id;
  journal_.decisions().trigger(report.lines, reason.trigger, now);
  const Json announced = {
      {"lines", report.lines}, {"reason", reason.reason}, {"run", *id}, {"trigger", reason.trigger}};
  const LineId about = plans.size() == 1 ? plans.front().line->id() : LineId{};
  if (Status told = journal_.event("trigger", about, now, announced); !told) return propagate(told);
  auto jobs = fit_jobs(plans, *id, reason.full, walk_forward);
  run.plans = std::move(plans);
  if (jobs) {
    run.jobs = std::move(*jobs);
  } else {
    fail_run(run, jobs.error());
  }
  return run;
}

void RunMaker::judge(RunUnderWay& run, JobResults fitted) {
  if (!run.run.report.completed()) return;
  run.jobs.clear();
  if (Status judged = judge_all(run, std::move(fitted)); !judged) fail_run(run, judged.error());
}

PendingRun RunMaker::finish(RunUnderWay run, JobResults refitted, TimeMs due) {
  run.run.due = run.run.report.known_at = due;
  if (run.run.report.completed()) {
    if (Status taken = take_refitted(run, std::move(refitted)); !taken) fail_run(run, taken.error());
  }
  if (!run.run.report.completed()) return std::move(run.run);
  for (std::optional<Challenger>& challenger : run.challengers) {
    run.run.challengers.emplace_back();
    run.run.found_settings.emplace_back();
    if (!challenger) continue;
    challenger->bundle.known_at = due;
    run.run.challengers.back() = std::move(challenger->bundle);
    run.run.found_settings.back() = std::move(challenger->found_settings);
  }
  return std::move(run.run);
}

PendingRun RunMaker::make(RunUnderWay run, TimeMs due) {
  judge(run, executor_.run_all(run.jobs, {}));
  JobResults refitted = executor_.run_all(run.jobs, {});
  return finish(std::move(run), std::move(refitted), due);
}

Result<std::vector<std::vector<training::FoldReport>>> RunMaker::walk_forward(
    const std::vector<LinePlan>& plans, std::int64_t run_id) {
  auto jobs = fit_jobs(plans, run_id, false, true);
  if (!jobs) return propagate(jobs);
  auto challengers = challengers_of(plans, run_id, executor_.run_all(*jobs, {}));
  if (!challengers) return propagate(challengers);
  std::vector<std::vector<training::FoldReport>> folds(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if ((*challengers)[i]) folds[i] = std::move((*challengers)[i]->folds);
  }
  return folds;
}

}  // namespace pawl::loop
