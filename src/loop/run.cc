#include "loop/run.h"

#include <algorithm>
#include <cassert>

#include "base/random.h"
#include "contest/contest.h"

namespace pawl::loop {

Result<RunKinds> make_kinds(const recipe::Recipe& recipe) {
  RunKinds kinds;
  const labels::LabellerKind* labeller = labels::find_labeller_kind(recipe.label.kind);
  const gates::GatePolicyKind* gate = gates::find_gate_policy_kind(recipe.gate.kind);
  assert(labeller != nullptr && gate != nullptr && "the recipe was validated");
  auto made_labeller = labeller->make(recipe.label.settings, {recipe.costs, recipe.calendar});
  if (!made_labeller) return propagate(made_labeller);
  auto made_gate = gate->make(recipe.gate.settings);
  if (!made_gate) return propagate(made_gate);
  kinds.labeller = std::move(*made_labeller);
  kinds.gate = std::move(*made_gate);
  return kinds;
}

Result<std::vector<Windows>> RunMaker::plan(const std::vector<Line*>& lines, TimeMs now) const {
  std::vector<Windows> windows;
  for (Line* line : lines) {
    auto history = line->history(recipe_.features);
    if (!history) return propagate(history);
    auto planned = plan_windows(line->bars(), recipe_.validation, kinds_.labeller->horizon_bars(),
                                (*history)->list().warm_up_bars(), recipe_.base, now);
    if (!planned) return within(line->symbol().given(), planned.error());
    windows.push_back(*planned);
  }
  return windows;
}

training::Job RunMaker::job_of(Line& line, training::JobKind kind, const Windows& windows,
                               std::int64_t run_id, const std::vector<std::string>& features) const {
  training::Job job;
  job.kind = kind;
  job.run_id = run_id;
  job.line = line.id();
  job.cut = kind == training::JobKind::fit ? windows.fit_cut : windows.refit_cut;
  job.base = recipe_.base;
  job.day_anchor = recipe_.calendar.day_anchor();
  job.session = recipe_.calendar.session();
  job.features = features;
  job.label_kind = recipe_.label.kind;
  job.label_settings = recipe_.label.settings.to_json();
  job.model_kind = recipe_.model.kind;
  job.model_settings = recipe_.model.settings.to_json();
  job.costs = recipe_.costs;
  job.signal = recipe_.signal;
  job.bars_per_year = recipe_.bars_per_year;
  // The refit of a run repeats its fit with later rows: same settings, same rounds, same seed.
  job.seed = derive_seed(recipe_.seed, static_cast<std::uint64_t>(run_id));
  job.embargo_ms = windows.embargo_ms;
  if (kind == training::JobKind::fit) {
    job.walk_forward_folds = static_cast<int>(recipe_.validation.walk_forward_folds);
  }

  training::JobSeries series;
  series.symbol = line.symbol().canonical();
  series.rows_from = windows.rows_from;
  const std::size_t first = line.bars().count_known_at(windows.rows_from);
  const std::size_t last = line.bars().count_known_at(job.cut);
  // The histories exist: the plan and the loop asked for them before.
  datasets::FeatureHistory::Checkpoint start = (*line.history(features))->checkpoint_before(first);
  if (const auto scale_spec = kinds_.labeller->scale_spec()) {
    datasets::FeatureHistory::Checkpoint scale = (*line.history({*scale_spec}))->checkpoint_before(start.bar);
    assert(scale.bar == start.bar && "all histories of a line make checkpoints at the same bars");
    series.scale_state = std::move(scale.state);
  }
  series.feature_state = std::move(start.state);
  series.bars = line.bars().slice(std::min(start.bar, last), last);
  job.series.push_back(std::move(series));
  return job;
}

Result<RunMaker::Challenger> RunMaker::fit(Line& line, const Windows& windows, std::int64_t run_id) {
  auto result = executor_.run(job_of(line, training::JobKind::fit, windows, run_id, recipe_.features), {});
  if (!result) return propagate(result);
  auto number = registry_.next_number(line.id());
  if (!number) return propagate(number);
  auto history = line.history(recipe_.features);
  if (!history) return propagate(history);
  Challenger challenger;
  challenger.rounds = result->rounds;
  challenger.folds = std::move(result->folds);
  VersionBundle& bundle = challenger.bundle;
  bundle.line = line.id();
  bundle.number = *number;
  bundle.run_id = run_id;
  bundle.features = (*history)->list().specs();
  bundle.features_hash = (*history)->list().hash();
  bundle.classes = kinds_.labeller->classes();
  bundle.settings = {
      {"label", {{"kind", recipe_.label.kind}, {"settings", recipe_.label.settings.to_json()}}},
      {"model", {{"kind", recipe_.model.kind}, {"settings", recipe_.model.settings.to_json()}}},
      {"rounds", result->rounds},
      {"training", result->report}};
  bundle.judged = std::move(result->artifact);
  return challenger;
}

Result<Evidence> RunMaker::contest(Line& line, const Windows& windows, const Challenger& challenger) {
  const serving::LiveModel::Handle champion = line.live();
  auto champion_history = line.history(champion->bundle.features);
  if (!champion_history) return propagate(champion_history);
  auto challenger_history = line.history(challenger.bundle.features);
  if (!challenger_history) return propagate(challenger_history);
  datasets::FeatureHistory* scale = nullptr;
  if (const auto spec = kinds_.labeller->scale_spec()) {
    auto made = line.history({*spec});
    if (!made) return propagate(made);
    scale = *made;
  }
  const models::ModelKind* kind = models::find_model_kind(challenger.bundle.judged.model_kind);
  auto model = kind->load(challenger.bundle.judged.model_bytes);
  if (!model) return propagate(model);
  return contest::hold_contest({.line = line.id(),
                                .symbol = line.symbol().given(),
                                .champion = {champion->bundle.number, champion->judged.get(),
                                             champion->bundle.judged.data_cut, *champion_history},
                                .challenger = {challenger.bundle.number, model->get(),
                                               challenger.bundle.judged.data_cut, *challenger_history},
                                .bars = &line.bars(),
                                .labeller = kinds_.labeller.get(),
                                .scale = scale,
                                .calendar = &recipe_.calendar,
                                .judged_from = windows.judged_from,
                                .as_of = windows.now,
                                .embargo_ms = windows.embargo_ms,
                                .signal = recipe_.signal,
                                .scoring = {.costs = recipe_.costs,
                                            .horizon_bars = kinds_.labeller->horizon_bars(),
                                            .bars_per_year = recipe_.bars_per_year},
                                .first_model = champion->bundle.number.value == 0});
}

Status RunMaker::refit(Line& line, const Windows& windows, std::int64_t run_id, Challenger& challenger) {
  training::Job job = job_of(line, training::JobKind::refit, windows, run_id, challenger.bundle.features);
  job.frozen_rounds = challenger.rounds;
  auto result = executor_.run(job, {});
  if (!result) return propagate(result);
  challenger.bundle.serving = std::move(result->artifact);
  return {};
}

Result<Artifact> RunMaker::refit_kept(Line& line, const VersionBundle& version, TimeMs now) {
  if (auto history = line.history(version.features); !history) return propagate(history);
  auto windows = plan({&line}, now);
  if (!windows) return propagate(windows);
  training::Job job =
      job_of(line, training::JobKind::refit, windows->front(), version.run_id, version.features);
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
  if (version.settings.contains("rounds")) job.frozen_rounds = version.settings.value("rounds", 0);
  auto result = executor_.run(job, {});
  if (!result) return propagate(result);
  return std::move(result->artifact);
}

Status RunMaker::judge_all(const std::vector<Line*>& lines, const std::vector<Windows>& windows,
                           PendingRun& run) {
  std::vector<Challenger> challengers;
  std::vector<Evidence> evidence;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto challenger = fit(*lines[i], windows[i], run.report.id);
    if (!challenger) return propagate(challenger);
    auto judged = contest(*lines[i], windows[i], *challenger);
    if (!judged) return propagate(judged);
    judged->earlier_champions = lines[i]->champion_scores;
    challenger->bundle.scores = judged->challenger_scores;
    challenger->bundle.trained_because = run.report.reason;
    challengers.push_back(std::move(*challenger));
    evidence.push_back(std::move(*judged));
  }
  std::vector<Verdict> verdicts = kinds_.gate->judge(evidence);
  assert(verdicts.size() == lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (verdicts[i].decision == Decision::promote) {
      if (Status refitted = refit(*lines[i], windows[i], run.report.id, challengers[i]); !refitted) {
        return refitted;
      }
    }
    run.report.by_line.push_back({.line = lines[i]->id(),
                                  .symbol = lines[i]->symbol().given(),
                                  .trained_on = challengers[i].bundle.judged.trained_on,
                                  .evidence = std::move(evidence[i]),
                                  .verdict = std::move(verdicts[i]),
                                  .folds = std::move(challengers[i].folds)});
    challengers[i].bundle.known_at = run.due;
    run.challengers.push_back(std::move(challengers[i].bundle));
  }
  return {};
}

Result<PendingRun> RunMaker::make(const std::vector<Line*>& lines, const std::vector<Windows>& windows,
                                  const triggers::TriggerReason& reason, TimeMs now, DurationMs latency) {
  PendingRun run;
  run.due = now + latency;
  run.lines = lines;
  run.report.trigger = reason.trigger;
  run.report.reason = reason.reason;
  run.report.started_at = now;
  run.report.known_at = run.due;
  for (const Line* line : lines) run.report.lines.push_back(line->id());

  store::RunRecord record{
      .lines = run.report.lines, .trigger = reason.trigger, .reason = reason.reason, .started_at = now};
  auto id = journal_.store().runs().begin(record);
  if (!id) return propagate(id);
  run.report.id = *id;
  journal_.decisions().trigger(run.report.lines, reason.trigger, now);
  const Json announced = {
      {"lines", run.report.lines}, {"reason", reason.reason}, {"run", *id}, {"trigger", reason.trigger}};
  const LineId about = lines.size() == 1 ? lines.front()->id() : LineId{};
  if (Status told = journal_.event("trigger", about, now, announced); !told) return propagate(told);
  if (Status judged = judge_all(lines, windows, run); !judged) {
    run.report.failure = judged.error().message;
    run.report.by_line.clear();
    run.challengers.clear();
  }
  return run;
}

}  // namespace pawl::loop
