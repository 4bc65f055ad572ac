#include "loop/trigger_clock.h"

#include <algorithm>
#include <cassert>

namespace pawl::loop {

Result<TriggerClock> TriggerClock::make(const recipe::Recipe& recipe) {
  TriggerClock clock(recipe);
  for (const recipe::KindSettings& wanted : recipe.triggers) {
    const triggers::TriggerKind* kind = triggers::find_trigger_kind(wanted.kind);
    assert(kind != nullptr && "the recipe was validated");
    auto trigger = kind->make(wanted.settings);
    if (!trigger) return propagate(trigger);
    clock.triggers_.push_back(std::move(*trigger));
  }
  return clock;
}

std::optional<TimeMs> TriggerClock::next_schedule(TimeMs after) const {
  std::optional<TimeMs> next;
  for (const std::unique_ptr<triggers::Trigger>& trigger : triggers_) {
    const auto time = trigger->next_time(after);
    if (time && (!next || *time < *next)) next = time;
  }
  return next;
}

Result<bool> TriggerClock::may_trigger(const TriggeredLine& line, std::size_t number, TimeMs now,
                                       RunHost& host) const {
  if (line.busy || line.data_count() == 0) return false;
  if (line.retry_after && now < *line.retry_after) return false;
  if (line.deferral && now < line.deferral->retry_at) return false;
  // After a failure the back-off says when, so that it may be sooner than the next cool run.
  const bool cooling = line.failures == 0 && line.last_attempt_at &&
                       now - *line.last_attempt_at < recipe_->training.cooldown_ms;
  if (cooling) return false;
  const auto held = host.holds(number, now);
  if (!held) return propagate(held);
  return !*held;
}

Status TriggerClock::check(Lines all, std::span<const std::size_t> due, TimeMs now, bool live_event,
                           RunHost& host) const {
  if (due.empty()) return {};
  if (recipe_->group) return check_group(all, now, live_event, host);
  for (const std::size_t line : due) {
    if (Status checked = check_line(all, line, now, live_event, host); !checked) return checked;
  }
  return {};
}

Result<std::optional<triggers::TriggerReason>> TriggerClock::first_reason(TriggeredLine& line,
                                                                          std::size_t number, TimeMs now,
                                                                          bool live_event,
                                                                          RunHost& host) const {
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
    const Status told = host.tell("yielded", std::span(&number, 1), now,
                                  {{"trigger", first->trigger},
                                   {"reason", first->reason},
                                   {"to", "a full retrain"},
                                   {"due", format_time(*next)}});
    if (!told) return propagate(told);
    return std::nullopt;
  }
  return first;
}

Status TriggerClock::check_line(Lines all, std::size_t number, TimeMs now, bool live_event,
                                RunHost& host) const {
  TriggeredLine& line = *all[number];
  const auto may = may_trigger(line, number, now, host);
  if (!may) return propagate(may);
  if (!*may) return {};
  auto reason = first_reason(line, number, now, live_event, host);
  if (!reason) return propagate(reason);
  const std::span<const std::size_t> alone(&number, 1);
  if (*reason) return try_run(all, alone, **reason, now, host);
  // What the state of the line said is asked again above; what a moment said (a schedule, a person) is not
  // there any more, so the deferral carries it.
  if (line.deferral) {
    const Deferral deferral = *line.deferral;
    line.deferral.reset();
    if (triggers::is_momentary(deferral.reason.trigger)) {
      return try_run(all, alone, deferral.reason, now, host);
    }
  }
  return {};
}

// A group runs as one, so that a quorum counts all of its lines: a line that may not be trained now (it
// holds, it is short of rows) takes part as ineligible.
Status TriggerClock::check_group(Lines all, TimeMs now, bool live_event, RunHost& host) const {
  std::optional<triggers::TriggerReason> reason;
  bool any_may = false;
  std::vector<std::size_t> group;
  for (std::size_t number = 0; number < all.size(); ++number) {
    TriggeredLine& line = *all[number];
    if (line.busy) return {};  // one run of the group at a time
    const auto may = may_trigger(line, number, now, host);
    if (!may) return propagate(may);
    if (!*may) continue;
    any_may = true;
    auto own = first_reason(line, number, now, live_event, host);
    if (!own) return propagate(own);
    if (!reason) reason = std::move(*own);
    if (!reason && line.deferral && triggers::is_momentary(line.deferral->reason.trigger)) {
      reason = line.deferral->reason;
    }
  }
  if (!any_may || !reason) return {};
  for (std::size_t number = 0; number < all.size(); ++number) group.push_back(number);
  return try_run(all, group, *reason, now, host);
}

bool TriggerClock::unchanged(Lines all, std::span<const std::size_t> lines,
                             const triggers::TriggerReason& reason) const {
  if (!recipe_->training.skip_unchanged || reason.trigger == "manual" ||
      !triggers::is_momentary(reason.trigger)) {
    return false;
  }
  return std::all_of(lines.begin(), lines.end(), [&](std::size_t number) {
    const TriggeredLine& line = *all[number];
    return line.data_count() == line.data_at_last_attempt && line.failures == 0 &&
           (line.last_attempt_full || !reason.full);
  });
}

Status TriggerClock::defer(Lines all, const std::vector<PlannedLine>& plans,
                           const triggers::TriggerReason& reason, TimeMs now, RunHost& host) const {
  const TimeMs retry_at = now + recipe_->training.defer_ms;
  std::vector<std::size_t> numbers;
  std::vector<LineId> ids;
  std::string why;
  for (const PlannedLine& plan : plans) {
    TriggeredLine& line = *all[plan.line];
    line.deferral = Deferral{reason, retry_at};
    numbers.push_back(plan.line);
    ids.push_back(line.id());
    why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", line.name(), plan.why_ineligible);
  }
  return host.tell("deferred", numbers, now,
                   {{"lines", ids},
                    {"trigger", reason.trigger},
                    {"reason", reason.reason},
                    {"why", why},
                    {"retry_at", format_time(retry_at)}});
}

Status TriggerClock::try_run(Lines all, std::span<const std::size_t> lines,
                             const triggers::TriggerReason& reason, TimeMs now, RunHost& host) const {
  if (unchanged(all, lines, reason)) {
    for (const std::size_t number : lines) all[number]->deferral.reset();
    return host.tell("skipped", lines, now,
                     {{"trigger", reason.trigger},
                      {"reason", reason.reason},
                      {"why", "nothing new is known since the last run"}});
  }
  std::vector<PlannedLine> plans;
  for (const std::size_t number : lines) plans.push_back(host.plan(number, now));
  const bool any = std::any_of(plans.begin(), plans.end(),
                               [](const PlannedLine& plan) { return plan.windows.has_value(); });
  if (!any) return defer(all, plans, reason, now, host);
  for (const PlannedLine& plan : plans) all[plan.line]->run_begins(reason.full, now);
  return host.begin(std::move(plans), reason, now);
}

}  // namespace pawl::loop
