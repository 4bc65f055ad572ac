// What a gate's verdicts were worth: the version that serves after a verdict against the one that does not,
// bar by bar over the same days. Read from what is stored; the version in the shadow is asked in blocks, when
// somebody wants to know, which gives the very answers that it would have given at the time.
#pragma once

#include <optional>
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
  VersionNumber chosen, other;  // the one that serves after it, and the one that does not
  std::string why_not;          // why it could not be followed; else empty
  // Over the bars of the days after it that are known: the chosen one's after-cost return less the other's.
  std::vector<double> differences;  // a bar
  double gained = 0;                // their sum
  stats::Interval interval;         // of that sum, 95 %: stationary bootstrap
};
Json to_json(const VerdictRegret& regret);

struct RegretReport {
  std::vector<VerdictRegret> verdicts;  // by run
  std::int64_t followed = 0;
  double gained = 0;         // by all together
  stats::Interval interval;  // of that sum
};
Json to_json(const RegretReport& report);

// Of all completed runs of a loop that was restored, for so long after each. A kept challenger can be
// followed where it was fitted to the present (`shadow.refit_kept`).
Result<RegretReport> verdict_regrets(Loop& loop, store::Store& store, registry::Registry& registry,
                                     const recipe::Recipe& recipe, DurationMs follow_for);

}  // namespace pawl::loop
