// The second half of a run: what it found is announced, added, and the pointer moves, or doesn't.
#include <algorithm>
#include <cassert>

#include "base/hash.h"
#include "loop/loop.h"

namespace pawl::loop {

namespace {

constexpr std::size_t kRememberedRuns = 100;
constexpr std::string_view kBesideMoved = "the version it answered beside serves no more";

store::RunRecord record_of(const RunReport& report) {
  return {.id = report.id,
          .lines = report.lines,
          .trigger = report.trigger,
          .reason = report.reason,
          .state = report.completed() ? store::RunState::completed : store::RunState::failed,
          .started_at = report.started_at,
          .known_at = report.known_at,
          .verdict = report.completed() ? report.verdict() : std::string(),
          .document = report.to_json()};
}

bool is_forced(const Verdict& verdict) {
  return !verdict.reasons.empty() && verdict.reasons.front() == kForcedReason;
}

}  // namespace

Status Loop::end_run(PendingRun run) {
  find_probations(run);
  const bool promotes = run.report.verdict() == "promote";
  if (promotes && rooms_.on_phase) rooms_.on_phase("promote.begin", run.report.id);
  // As one transaction: a process that dies in here leaves the run under way, not a pointer that moved
  // without a word in the event stream.
  const Status ended = rooms_.store.transaction([&]() -> Status {
    if (run.report.completed()) {
      if (Status settled = settle(run); !settled) return settled;
    }
    if (Status told = run.report.completed() ? announce_all(run) : announce_failure(run); !told) return told;
    return rooms_.store.runs().update(record_of(run.report));
  });
  if (!ended) return ended;
  if (promotes && rooms_.on_phase) rooms_.on_phase("promote.end", run.report.id);
  for (Line* line : run.lines) line->busy = false;
  ++(run.report.completed() ? run_counts_.completed : run_counts_.failed);
  for (const LineReport& line : run.report.by_line) {
    if (run.report.completed() && line.decision() == Decision::promote) ++run_counts_.promotions;
    if (line.refit_failure.empty()) continue;
    rooms_.log.warn(
        fmt::format("Run {}: {} was refused and cannot be followed, as it was not fitted to the "
                    "present: {}",
                    run.report.id, line.line, line.refit_failure));
  }
  finished_.push_back(std::move(run.report));
  // A process that lives for years must not grow by what it has done.
  if (rooms_.background && finished_.size() > kRememberedRuns) finished_.erase(finished_.begin());
  return {};
}

// Adds the challengers and moves the pointers that the verdicts say.
Status Loop::settle(PendingRun& run) {
  RunReport& report = run.report;
  std::vector<registry::Registry::Promotion> promotions;
  Status unmoved;
  for (std::size_t i = 0; i < run.lines.size(); ++i) {
    const LineReport& found = report.by_line[i];
    const Json evidence = to_json(found.evidence);
    Json contest = evidence;
    contest["run"] = report.id;
    if (Status told = journal_.event("contest", found.line, run.due, contest); !told) return told;
    if (!run.challengers[i]) continue;
    if (Status added = rooms_.registry.add(*run.challengers[i]); !added) return added;
    if (!found.probation.empty() && unmoved) unmoved = expect_unmoved(found, run.due);
    if (found.decision() != Decision::promote) continue;
    promotions.push_back(
        {.line = found.line,
         .expected = found.evidence.champion,
         .to = found.evidence.challenger,
         .action = is_forced(found.verdict) ? "force" : "promote",
         .reason = found.verdict.reasons.empty() ? report.reason : found.verdict.reasons.front(),
         .evidence_hash = sha256_hex(evidence.dump())});
  }
  if (promotions.empty() && unmoved) return {};
  const Status promoted =
      unmoved ? rooms_.registry.promote(promotions, run.due, fmt::format("run {}", report.id)) : unmoved;
  if (promoted || promoted.error().code != ErrorCode::conflict) return promoted;
  // Somebody moved the pointer while the run was under way: its contest was against another champion.
  report.failure = promoted.error().message;
  return {};
}

Status Loop::announce_all(PendingRun& run) {
  for (std::size_t i = 0; i < run.lines.size(); ++i) {
    Line& line = *run.lines[i];
    if (Status told = announce(line, run.report, run.report.by_line[i], run.due); !told) return told;
    if (!run.found_settings[i].is_null()) line.found_settings = run.found_settings[i];
  }
  return {};
}

Status Loop::announce_failure(PendingRun& run) {
  const RunReport& report = run.report;
  rooms_.log.warn(fmt::format("Run {} failed, the old model goes on: {}", report.id, report.failure));
  for (Line* line : run.lines) {
    line->run_failed(
        {.trigger = report.trigger, .reason = report.reason, .full = report.full, .force = report.force},
        run.due, recipe_.training.backoff_ms);
  }
  return journal_.event("run_failed", report.lines.size() == 1 ? report.lines.front() : LineId{}, run.due,
                        {{"run", report.id}, {"why", report.failure}});
}

Status Loop::walk_forward_last() {
  const recipe::ValidationSettings& validation = recipe_.validation;
  if (validation.walk_forward_folds == 0 || validation.walk_forward_every_run || finished_.empty()) return {};
  RunReport& report = finished_.back();
  if (!report.completed() || report.by_line.size() != last_plans_.size()) return {};
  auto folds = run_maker_.walk_forward(last_plans_, report.id);
  if (!folds) return propagate(folds);
  for (std::size_t i = 0; i < folds->size(); ++i) report.by_line[i].folds = std::move((*folds)[i]);
  return rooms_.store.runs().update(record_of(report));
}

Status Loop::announce(Line& line, const RunReport& report, const LineReport& found, TimeMs at) {
  Json checks = Json::array();
  for (const Check& check : found.verdict.checks) checks.push_back(to_json(check));
  journal_.decisions().verdict(line.id(), report.id, found.verdict.decision, found.evidence.challenger, at);
  Json verdict = {{"run", report.id},
                  {"verdict", decision_name(found.verdict.decision)},
                  {"challenger", found.evidence.challenger.text()},
                  {"champion", found.evidence.champion.text()},
                  {"checks", std::move(checks)},
                  {"reasons", found.verdict.reasons}};
  if (!found.probation.empty()) verdict["probation"] = found.probation;
  if (Status told = journal_.event("verdict", line.id(), at, verdict); !told) return told;
  if (found.evidence.eligible) {
    line.contests.take(found.verdict.decision != Decision::insufficient, found.evidence.difference,
                       found.evidence.trials, report.started_at);
  }
  line.run_completed(report.started_at, at);
  if (found.verdict.decision != Decision::promote) {
    return journal_.event("keep", line.id(), at,
                          {{"run", report.id},
                           {"champion", found.evidence.champion.text()},
                           {"challenger", found.evidence.challenger.text()}});
  }

  if (!found.probation.empty()) return announce_probation(line, report, found, at);

  auto loaded = rooms_.registry.load(line.id(), found.evidence.challenger);
  if (!loaded) return propagate(loaded);
  journal_.decisions().swap(line.id(), found.evidence.champion, found.evidence.challenger, at);
  if (Status told = journal_.event("swap", line.id(), at,
                                   {{"run", report.id},
                                    {"from", found.evidence.champion.text()},
                                    {"to", found.evidence.challenger.text()},
                                    {"forced", is_forced(found.verdict)},
                                    {"content_hash", (*loaded)->content_hash}});
      !told) {
    return told;
  }
  remember_champion(line, found.evidence.challenger_scores);
  if (Status served = line.serve(std::move(*loaded)); !served) return served;
  line.former.end();
  if (Status ended = end_shadow(line, line.probation, kBesideMoved, at); !ended) return ended;
  if (&line == trade_line_) return watch_swap(found.evidence.champion);
  if (!recipe_.watches_shadows() || recipe_.shadow.rollback_e_value == 0) return {};
  return begin_shadow(line, line.former, found.evidence.champion, at);
}

void Loop::find_probations(PendingRun& run) const {
  for (std::size_t i = 0; i < run.report.by_line.size(); ++i) {
    LineReport& found = run.report.by_line[i];
    if (!must_prove(found)) continue;
    const std::string challenger = found.evidence.challenger.text();
    // Evidence is dear: the one that has gathered some is not put off by each that comes after it.
    const Shadow& before = run.lines[i]->probation;
    found.probation =
        before.on() ? fmt::format("{} stays aside: {} is on probation beside {} until {}", challenger,
                                  before.other().bundle.number.text(), before.serves().text(),
                                  format_time(before.since() + recipe_.shadow.follow_ms))
                    : fmt::format(
                          "{} answers beside {} first, and takes over where the evidence that it is better "
                          "reaches {} by {}",
                          challenger, found.evidence.champion.text(), recipe_.shadow.swap_e_value,
                          format_time(run.due + recipe_.shadow.follow_ms));
  }
}

Status Loop::expect_unmoved(const LineReport& found, TimeMs now) const {
  const auto held = rooms_.registry.holds(found.line, now);
  if (!held) return propagate(held);
  if (*held) {
    return fail(ErrorCode::conflict,
                "{} holds since it was rolled back by hand: release it, or promote by hand", found.line);
  }
  const auto champion = rooms_.registry.champion(found.line);
  if (!champion) return propagate(champion);
  if (*champion == found.evidence.champion) return {};
  return fail(ErrorCode::conflict, "{}: {} serves by now, and {} was judged against {}", found.line,
              *champion ? (*champion)->text() : "nothing", found.evidence.challenger.text(),
              found.evidence.champion.text());
}

Status Loop::announce_probation(Line& line, const RunReport& report, const LineReport& found, TimeMs at) {
  Json payload = {{"purpose", "swap"},
                  {"run", report.id},
                  {"version", found.evidence.champion.text()},
                  {"reason", found.probation}};
  if (line.probation.on()) {
    payload.update({{"decision", "aside"},
                    {"other", line.probation.other().bundle.number.text()},
                    {"challenger", found.evidence.challenger.text()}});
    return journal_.event("shadow", line.id(), at, payload);
  }
  if (Status begun = begin_shadow(line, line.probation, found.evidence.challenger, at); !begun) return begun;
  payload.update({{"decision", "begin"},
                  {"other", found.evidence.challenger.text()},
                  {"until", format_time(at + recipe_.shadow.follow_ms)},
                  {"e_value_needed", recipe_.shadow.swap_e_value}});
  return journal_.event("shadow", line.id(), at, payload);
}

void Loop::remember_champion(Line& line, const Scorecard& scores) {
  line.champion_scores.insert(line.champion_scores.begin(), scores);
  if (line.champion_scores.size() > kRememberedChampions) line.champion_scores.pop_back();
}

bool Loop::must_prove(const LineReport& found) const {
  return found.verdict.decision == Decision::promote && !is_forced(found.verdict) &&
         recipe_.watches_shadows() && recipe_.shadow.swap_e_value > 0 && trade_line_ == nullptr;
}

}  // namespace pawl::loop
