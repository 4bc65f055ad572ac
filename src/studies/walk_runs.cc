// Runs of a walk: from a trigger's reason to verdicts, as loop::RunMaker makes them and loop::Loop ends them.
#include <algorithm>
#include <cassert>

#include "studies/walk.h"

namespace pawl::studies {

loop::PlannedLine Walk::plan(std::size_t number, TimeMs now) {
  const WalkLine& line = *lines_[number];
  if (line.seen == 0) return {number, std::nullopt, "there are no bars"};
  const Market& market = *line.market;
  auto windows = loop::plan_windows(std::span(market.closes()).first(line.seen), recipe_.calendar,
                                    recipe_.validation, market.labeller().horizon_bars(),
                                    market.rows(recipe_.features).warm_up_bars, recipe_.base, now);
  if (!windows) return {number, std::nullopt, windows.error().message};
  return {number, *windows, {}};
}

Status Walk::tell(std::string_view kind, std::span<const std::size_t>, TimeMs, const Json&) {
  if (kind == "deferred") ++history_.deferred;
  return {};
}

TrainingHandle Walk::order(const Run& run, std::size_t i, training::JobKind kind, std::optional<int> rounds) {
  const WalkLine& line = *lines_[run.plans[i].line];
  history_.trainings.push_back(shared_.trainings.ask({.market = line.market,
                                                      .recipe = &recipe_,
                                                      .windows = *run.plans[i].windows,
                                                      .kind = kind,
                                                      .rounds = rounds}));
  return history_.trainings.back();
}

Status Walk::begin(std::vector<loop::PlannedLine> plans, const triggers::TriggerReason& reason, TimeMs now) {
  assert((!reason.full || recipe_.search.trials == 0) && "searches are refused before the walk");
  Run run;
  run.report.id = ++run_ids_;
  run.report.trigger = reason.trigger;
  run.report.reason = reason.reason;
  run.report.started_at = now;
  run.report.full = reason.full;
  run.due = run.report.known_at = now + recipe_.training.latency_ms;
  run.plans = std::move(plans);
  const std::size_t count = run.plans.size();
  run.fits.resize(count);
  run.refits.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const WalkLine& line = *lines_[run.plans[i].line];
    run.report.lines.push_back(line.id());
    run.models.lines.push_back(run.plans[i].line);
    run.models.champions.push_back(line.serving);
    run.models.challengers.emplace_back();
    run.earlier.push_back(line.champion_scores);
    if (run.plans[i].windows) run.fits[i] = order(run, i, training::JobKind::fit, std::nullopt);
  }
  making_.push_back(std::move(run));
  return {};
}

bool Walk::make_runs() {
  if (!ready()) return false;
  while (!making_.empty()) {
    if (!make_run(making_.front())) return false;
    pending_.push_back(std::move(making_.front()));
    making_.erase(making_.begin());
    std::ranges::stable_sort(pending_, {}, [](const Run& run) { return run.due; });
  }
  return true;
}

// True once the run is made; false where it waits for its refits.
bool Walk::make_run(Run& run) {
  const auto all_there = [](const std::vector<TrainingHandle>& trainings) {
    return std::ranges::all_of(trainings, [](const TrainingHandle& training) {
      return training == nullptr || training->done.load(std::memory_order_acquire);
    });
  };
  if (!run.judged) {
    if (!all_there(run.fits)) return false;
    judge(run);
    run.judged = true;
  }
  if (!all_there(run.refits)) return false;
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    if (run.refits[i] == nullptr || !run.report.completed()) continue;
    if (!run.refits[i]->model) {
      fail_run(run, run.refits[i]->model.error());
      break;
    }
    run.models.challengers[i].serving = *run.refits[i]->model;
  }
  return true;
}

Evidence Walk::evidence_of(Run& run, std::size_t i) {
  const WalkLine& line = *lines_[run.plans[i].line];
  const Version& champion = run.models.champions[i];
  if (!run.plans[i].windows) {
    Evidence evidence;
    evidence.line = line.id();
    evidence.symbol = line.name();
    evidence.eligible = false;
    evidence.why_ineligible = run.plans[i].why_ineligible;
    evidence.champion = evidence.challenger = champion.number;
    return evidence;
  }
  const Version& challenger = run.models.challengers[i];
  Evidence evidence =
      shared_.contests.hold({champion.number, champion.judged.get()},
                            {challenger.number, challenger.judged.get()}, *run.plans[i].windows);
  evidence.earlier_champions = run.earlier[i];
  line.contests.tell(evidence, run.plans[i].windows->now, Json::object());
  return evidence;
}

void Walk::judge(Run& run) {
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    if (run.fits[i] == nullptr) continue;
    if (!run.fits[i]->model) return fail_run(run, run.fits[i]->model.error());
    run.models.challengers[i] = {.number = {lines_[run.plans[i].line]->last_number + 1},
                                 .judged = *run.fits[i]->model,
                                 .serving = nullptr,
                                 .began_at = run.report.started_at};
  }
  std::vector<Evidence> evidence;
  for (std::size_t i = 0; i < run.plans.size(); ++i) evidence.push_back(evidence_of(run, i));
  std::vector<Verdict> verdicts = kinds_.gate->judge(evidence);
  assert(verdicts.size() == run.plans.size());
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    const WalkLine& line = *lines_[run.plans[i].line];
    const bool promotes = verdicts[i].decision == Decision::promote && run.fits[i] != nullptr;
    evidence[i].paired = {};  // as long as the judged window
    if (promotes) run.refits[i] = order(run, i, training::JobKind::refit, run.fits[i]->rounds);
    run.report.by_line.push_back(
        {.line = line.id(),
         .symbol = line.name(),
         .trained_on = run.fits[i] == nullptr ? RowRange{} : run.models.challengers[i].judged->trained_on(),
         .evidence = std::move(evidence[i]),
         .verdict = std::move(verdicts[i]),
         .folds = {},
         .search = {}});
  }
}

void Walk::fail_run(Run& run, const Error& error) {
  run.report.failure = error.message;
  run.report.by_line.clear();
  std::ranges::fill(run.refits, nullptr);
}

void Walk::end_due_runs(TimeMs now) {
  while (!pending_.empty() && pending_.front().due <= now) {
    Run run = std::move(pending_.front());
    pending_.erase(pending_.begin());
    end_run(std::move(run));
  }
}

// In the registry's words.
std::string Walk::moved_meanwhile(const Run& run) const {
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    const WalkLine& line = *lines_[run.plans[i].line];
    const loop::LineReport& found = run.report.by_line[i];
    if (found.verdict.decision != Decision::promote || line.serving.number == found.evidence.champion)
      continue;
    return fmt::format(
        "the champion of {} is {}, not {} as expected: somebody else moved it first; judge again", line.id(),
        line.serving.number.text(), found.evidence.champion.text());
  }
  return {};
}

void Walk::end_run(Run run) {
  loop::RunReport& report = run.report;
  if (report.completed()) {
    // Challengers are versions from here on, also where they cannot be promoted.
    for (std::size_t i = 0; i < run.plans.size(); ++i) {
      if (run.fits[i] != nullptr) ++lines_[run.plans[i].line]->last_number;
    }
    report.failure = moved_meanwhile(run);
  }
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    WalkLine& line = *lines_[run.plans[i].line];
    line.busy = false;
    if (!report.completed()) {
      line.run_failed({.trigger = report.trigger, .reason = report.reason, .full = report.full}, run.due,
                      recipe_.training.backoff_ms);
      continue;
    }
    const Evidence& evidence = report.by_line[i].evidence;
    const Decision decided = report.by_line[i].verdict.decision;
    if (evidence.eligible) {
      line.contests.take(decided != Decision::insufficient, evidence.difference, evidence.trials,
                         report.started_at);
    }
    line.run_completed(report.started_at, run.due);
    if (decided == Decision::promote) swap(run.plans[i].line, run, i);
  }
  ++(report.completed() ? history_.completed : history_.failed);
  history_.runs.push_back(std::move(run.report));
  history_.models.push_back(std::move(run.models));
}

void Walk::swap(std::size_t number, const Run& run, std::size_t i) {
  WalkLine& line = *lines_[number];
  const Version& challenger = run.models.challengers[i];
  assert(challenger.serving != nullptr);
  history_.lines[number].swaps.push_back(
      {.at = run.due, .bar = line.seen, .from = line.serving, .to = challenger});
  ++history_.promotions;
  if (recipe_.watches_shadows() && recipe_.shadow.rollback_e_value > 0) {
    line.former = line.serving;
    line.former_block = {};
    line.watched_since = run.due;
    line.watch = {};
  }
  serve(line, challenger);
  line.champion_scores.insert(line.champion_scores.begin(), run.report.by_line[i].evidence.challenger_scores);
  if (line.champion_scores.size() > loop::kRememberedChampions) line.champion_scores.pop_back();
}

}  // namespace pawl::studies
