// The runs that triggers ask for: what a line may have at an instant, and the begin of it.
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

Status Loop::check_triggers(const std::vector<std::size_t>& lines, TimeMs now, bool live_event) {
  return trigger_clock_.check(triggered_, lines, now, live_event, *this);
}

Result<bool> Loop::holds(std::size_t line, TimeMs now) {
  return rooms_.registry.holds(lines_[line]->id(), now);
}

Status Loop::tell(std::string_view kind, std::span<const std::size_t> lines, TimeMs now,
                  const Json& payload) {
  return journal_.event(kind, lines.size() == 1 ? lines_[lines.front()]->id() : LineId{}, now, payload);
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

PlannedLine Loop::plan(std::size_t line, TimeMs now) {
  LinePlan plan = plan_line(*lines_[line], now);
  return {line, plan.windows, std::move(plan.why_ineligible)};
}

Status Loop::begin(std::vector<PlannedLine> planned, const triggers::TriggerReason& reason, TimeMs now) {
  std::vector<LinePlan> plans;
  for (PlannedLine& one : planned) {
    Line& line = *lines_[one.line];
    if (one.windows) line.forget_before(one.windows->rows_from);
    plans.push_back({&line, one.windows, std::move(one.why_ineligible)});
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
