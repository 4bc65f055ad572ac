// The question after every event: does a line want a retrain, and may it have one now?
#include <algorithm>
#include <cassert>

#include "loop/loop.h"

namespace pawl::loop {

Status Loop::request(const LineId& id, std::string_view reason, bool full, bool force) {
  for (const std::unique_ptr<Line>& line : lines_) {
    if (line->id() != id) continue;
    if (Status told =
            journal_.event("request", id, now(), {{"reason", reason}, {"full", full}, {"force", force}});
        !told) {
      return told;
    }
    line->manual_reason = reason;
    line->manual_full = full;
    line->manual_force = force;
    // Whoever asks is not kept waiting by a cool-down, a back-off or a deferral.
    line->last_attempt_at.reset();
    line->retry_after.reset();
    line->deferral.reset();
    return {};
  }
  return fail(ErrorCode::not_found, "there is no line {}", id);
}

Result<bool> Loop::may_trigger(const Line& line, TimeMs now) {
  if (line.busy || line.data_count() == 0) return false;
  if (line.retry_after && now < *line.retry_after) return false;
  if (line.deferral && now < line.deferral->retry_at) return false;
  // After a failure the back-off says when, so that it may be sooner than the next cool run.
  const bool cooling = line.failures == 0 && line.last_attempt_at &&
                       now - *line.last_attempt_at < recipe_.training.cooldown_ms;
  if (cooling) return false;
  const auto held = rooms_.registry.holds(line.id(), now);
  if (!held) return propagate(held);
  return !*held;
}

Status Loop::check_triggers(const std::vector<Line*>& lines, TimeMs now, bool live_event) {
  if (lines.empty()) return {};
  if (recipe_.group) return check_group(now, live_event);
  for (Line* line : lines) {
    if (Status checked = check_line(*line, now, live_event); !checked) return checked;
  }
  return {};
}

Result<std::optional<triggers::TriggerReason>> Loop::first_reason(Line& line, TimeMs now, bool live_event) {
  const triggers::LineSnapshot snapshot = line.snapshot(live_event);
  line.last_checked_at = now;
  line.signal_since_check = false;
  std::optional<triggers::TriggerReason> first;
  for (const std::unique_ptr<triggers::Trigger>& trigger : triggers_) {
    auto reason = trigger->check(snapshot, now);
    if (!reason) continue;
    // A full retrain that is due at the same look comes before a common one, whatever their order.
    if (!first || (reason->full && !first->full)) first = std::move(reason);
  }
  if (!first || first->full || first->yields_to_full_ms == 0) return first;
  for (const std::unique_ptr<triggers::Trigger>& trigger : triggers_) {
    const auto next = trigger->full() ? trigger->next_time(now) : std::nullopt;
    if (!next || *next - now > first->yields_to_full_ms) continue;
    const Status told = journal_.event("yielded", line.id(), now,
                                       {{"trigger", first->trigger},
                                        {"reason", first->reason},
                                        {"to", "a full retrain"},
                                        {"due", format_time(*next)}});
    if (!told) return propagate(told);
    return std::nullopt;
  }
  return first;
}

Status Loop::check_line(Line& line, TimeMs now, bool live_event) {
  const auto may = may_trigger(line, now);
  if (!may) return propagate(may);
  if (!*may) return {};
  auto reason = first_reason(line, now, live_event);
  if (!reason) return propagate(reason);
  if (*reason) return try_run({&line}, **reason, now);
  // What the state of the line said is asked again above; what a moment said (a schedule, a person) is not
  // there any more, so the deferral carries it.
  if (line.deferral) {
    const Deferral deferral = *line.deferral;
    line.deferral.reset();
    if (triggers::is_momentary(deferral.reason.trigger)) return try_run({&line}, deferral.reason, now);
  }
  return {};
}

// A group runs as one, so that a quorum counts all of its lines: a line that may not be trained now (it
// holds, it is short of rows) takes part as ineligible.
Status Loop::check_group(TimeMs now, bool live_event) {
  std::optional<triggers::TriggerReason> reason;
  bool any_may = false;
  for (const std::unique_ptr<Line>& line : lines_) {
    if (line->busy) return {};  // one run of the group at a time
    const auto may = may_trigger(*line, now);
    if (!may) return propagate(may);
    if (!*may) continue;
    any_may = true;
    auto own = first_reason(*line, now, live_event);
    if (!own) return propagate(own);
    if (!reason) reason = std::move(*own);
    if (!reason && line->deferral && triggers::is_momentary(line->deferral->reason.trigger)) {
      reason = line->deferral->reason;
    }
  }
  if (!any_may || !reason) return {};
  std::vector<Line*> group;
  for (const std::unique_ptr<Line>& line : lines_) group.push_back(line.get());
  return try_run(group, *reason, now);
}

LinePlan Loop::plan_line(Line& line, TimeMs now) {
  const auto ineligible = [&](std::string why) { return LinePlan{&line, std::nullopt, std::move(why)}; };
  if (line.data_count() == 0 && &line != trade_line_) return ineligible("there are no bars");
  const auto held = rooms_.registry.holds(line.id(), now);
  if (!held) return ineligible(held.error().message);
  if (*held) return ineligible("it holds after a rollback");
  auto windows = line.plan(now);
  if (!windows) return ineligible(windows.error().message);
  return {&line, *windows, {}};
}

bool Loop::unchanged(const std::vector<Line*>& lines, const triggers::TriggerReason& reason) const {
  if (!recipe_.training.skip_unchanged || reason.trigger == "manual" ||
      !triggers::is_momentary(reason.trigger)) {
    return false;
  }
  return std::all_of(lines.begin(), lines.end(), [&](const Line* line) {
    return line->data_count() == line->data_at_last_attempt && line->failures == 0 &&
           (line->last_attempt_full || !reason.full);
  });
}

Status Loop::defer(const std::vector<LinePlan>& plans, const triggers::TriggerReason& reason, TimeMs now) {
  std::vector<LineId> ids;
  std::string why;
  for (const LinePlan& plan : plans) {
    plan.line->deferral = Deferral{reason, now + recipe_.training.defer_ms};
    ids.push_back(plan.line->id());
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", plan.line->name(), plan.why_ineligible);
  }
  return journal_.event("deferred", ids.size() == 1 ? ids.front() : LineId{}, now,
                        {{"lines", ids},
                         {"trigger", reason.trigger},
                         {"reason", reason.reason},
                         {"why", why},
                         {"retry_at", format_time(now + recipe_.training.defer_ms)}});
}

Status Loop::try_run(const std::vector<Line*>& lines, const triggers::TriggerReason& reason, TimeMs now) {
  if (unchanged(lines, reason)) {
    for (Line* line : lines) line->deferral.reset();
    return journal_.event("skipped", lines.size() == 1 ? lines.front()->id() : LineId{}, now,
                          {{"trigger", reason.trigger},
                           {"reason", reason.reason},
                           {"why", "nothing new is known since the last run"}});
  }
  std::vector<LinePlan> plans;
  for (Line* line : lines) plans.push_back(plan_line(*line, now));
  const bool any =
      std::any_of(plans.begin(), plans.end(), [](const LinePlan& plan) { return plan.windows.has_value(); });
  if (!any) return defer(plans, reason, now);
  for (const LinePlan& plan : plans) {
    Line& line = *plan.line;
    line.deferral.reset();
    line.manual_reason.clear();
    line.manual_full = false;
    line.manual_force = false;
    line.busy = true;
    line.last_attempt_at = now;
    line.data_at_last_attempt = line.data_count();
    line.last_attempt_full = reason.full;
    if (plan.windows) line.forget_before(plan.windows->rows_from);
  }
  // Live there is time for the folds, which a replay keeps for its last run.
  const bool walk_forward = recipe_.validation.walk_forward_every_run || rooms_.background;
  auto run = run_maker_.begin(plans, reason, now, walk_forward);
  if (!run) return propagate(run);
  last_plans_ = std::move(plans);
  if (rooms_.background) {
    auto working = std::make_shared<Working>();
    working->run = std::move(*run);
    working_.push_back(working);
    put_to_work(working);
    return {};
  }
  std::optional<DurationMs> latency;
  if (rooms_.latency_of) latency = rooms_.latency_of(run->run.report.id);
  if (latency == kNeverEnds) return {};  // as it was live: under way to the last
  const TimeMs due = now + latency.value_or(recipe_.training.latency_ms);
  pending_.push_back(run_maker_.make(std::move(*run), due));
  std::stable_sort(pending_.begin(), pending_.end(),
                   [](const PendingRun& a, const PendingRun& b) { return a.due < b.due; });
  return {};
}

}  // namespace pawl::loop
