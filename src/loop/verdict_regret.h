// What a gate's verdicts were worth: the version that serves after a verdict against the one that does not,
// bar by bar over the same days. Read from what is stored; the version in the shadow is asked in blocks, when
// somebody wants to know, which gives the very answers that it would have given at the time.
#pragma once

#include <string>
#include <vector>

#include "loop/loop.h"
#include "stats/bootstrap.h"

namespace pawl::loop {

// One verdict on one line.
struct VerdictRegret {
  std::int64_t run = 0;
  LineId line;
  Decision decision = Decision::keep;
  TimeMs at = 0;
  // The one that served after it, as the promotion log has it, and the one that did not. A challenger that
  // has to prove itself first does not serve, whatever the verdict.
  VersionNumber chosen, other;
  std::string why_not;  // why it could not be followed; else empty
  // Over all the days after it that were asked for and are known, as if `chosen` had served all of them:
  // after-cost returns of a bar, the chosen one's less the other's. A pooled line's are means of its markets.
  std::vector<TimeMs> closes;
  std::vector<double> differences;  // as many
  double gained = 0;                // their sum
  stats::Interval interval;         // of that sum, 95 %: stationary bootstrap
  // What it is answerable for: bars that close before this, which is the line's next verdict or move of its
  // pointer, the end of the days at the latest. Only they count in the report's total.
  TimeMs counts_until = 0;
  std::size_t counted_bars = 0;
  double counted_gain = 0;
};
Json to_json(const VerdictRegret& regret);

// Each bar of a line counts once: for the verdict that was the last one when it closed.
struct RegretReport {
  std::vector<VerdictRegret> verdicts;  // by run
  std::int64_t followed = 0;
  // After-cost differences of those bars, summed over the lines that have one at that close.
  std::vector<double> differences;  // in time order
  double gained = 0;                // their sum
  stats::Interval interval;         // of that sum, 95 %; lines that move together are one series
};
Json to_json(const RegretReport& report);

// Of all completed runs of a loop that was restored, for so long after each. A kept challenger can be
// followed where it was fitted to the present (`shadow.refit_kept`).
Result<RegretReport> verdict_regrets(Loop& loop, store::Store& store, registry::Registry& registry,
                                     const recipe::Recipe& recipe, DurationMs follow_for);

}  // namespace pawl::loop
