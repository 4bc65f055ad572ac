// The question after every event: does a line want a retrain, and may it have one now? One answer for the
// loop and for whoever follows many policies over the same bars: triggers in the recipe's order, cool-down,
// back-off, deferral, groups.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "loop/triggered_line.h"
#include "loop/windows.h"
#include "recipe/recipe.h"

namespace pawl::loop {

// A line of a run, by its number, with its windows or why it has none.
struct PlannedLine {
  std::size_t line = 0;
  std::optional<Windows> windows;
  std::string why_ineligible;  // set where windows is not
};

// Who runs what the clock asks for.
class RunHost {
 public:
  virtual ~RunHost() = default;
  // Whether the line was rolled back by a person and is to be left alone.
  virtual Result<bool> holds(std::size_t line, TimeMs now) = 0;
  virtual PlannedLine plan(std::size_t line, TimeMs now) = 0;
  // A run over lines of which at least one has windows; they are marked as busy already.
  virtual Status begin(std::vector<PlannedLine> plans, const triggers::TriggerReason& reason, TimeMs now) = 0;
  // What became of a reason that began no run: "deferred", "skipped", "yielded".
  virtual Status tell(std::string_view kind, std::span<const std::size_t> lines, TimeMs now,
                      const Json& payload) = 0;
};

// One thread at a time.
class TriggerClock {
 public:
  // Makes the recipe's triggers; the recipe outlives it.
  static Result<TriggerClock> make(const recipe::Recipe& recipe);

  // Asks for the lines of `due` (numbers in `all`; of a group for all of them), and begins what may begin.
  // `live_event` is false where only the clock ticked.
  Status check(std::span<TriggeredLine* const> all, std::span<const std::size_t> due, TimeMs now,
               bool live_event, RunHost& host) const;
  // The next instant at which a schedule comes due.
  std::optional<TimeMs> next_schedule(TimeMs after) const;

 private:
  using Lines = std::span<TriggeredLine* const>;
  explicit TriggerClock(const recipe::Recipe& recipe) : recipe_(&recipe) {}

  Status check_line(Lines all, std::size_t line, TimeMs now, bool live_event, RunHost& host) const;
  Status check_group(Lines all, TimeMs now, bool live_event, RunHost& host) const;
  Result<bool> may_trigger(const TriggeredLine& line, std::size_t number, TimeMs now, RunHost& host) const;
  // The first reason of the recipe's triggers, unless a full retrain that is due soon takes its place.
  Result<std::optional<triggers::TriggerReason>> first_reason(TriggeredLine& line, std::size_t number,
                                                              TimeMs now, bool live_event,
                                                              RunHost& host) const;
  Status try_run(Lines all, std::span<const std::size_t> lines, const triggers::TriggerReason& reason,
                 TimeMs now, RunHost& host) const;
  Status defer(Lines all, const std::vector<PlannedLine>& plans, const triggers::TriggerReason& reason,
               TimeMs now, RunHost& host) const;
  // True where a schedule came due and nothing new is known since the last run.
  bool unchanged(Lines all, std::span<const std::size_t> lines, const triggers::TriggerReason& reason) const;

  const recipe::Recipe* recipe_;
  std::vector<std::unique_ptr<triggers::Trigger>> triggers_;
};

}  // namespace pawl::loop
