// The same loop over recorded bars on a simulated clock, as fast as it goes: what would have happened, and
// why.
#pragma once

#include <functional>
#include <span>

#include "loop/live/recorded.h"
#include "loop/loop.h"

namespace pawl::loop {

struct ReplayTotals {
  std::int64_t bars = 0, signals = 0, outcomes = 0;
  std::optional<double> win_rate, win_rate_net, break_even;
  double pnl_after_cost = 0;     // of the strategy, compounded: 0.03 is 3 %
  std::optional<double> sharpe;  // annualised, of its per-bar returns after costs
};

// Calls `take` with the bars of all series that close together, in time order, series in the order given
// within a batch. O(log series) a bar. Stops at the first failure.
Status for_each_batch(const std::vector<BarSeries>& series,
                      const std::function<Status(const BarBatch&)>& take);

// Feeds one series per symbol (in the recipe's order) to the loop, batched by close time, with the ticks of
// its clock in between, and ends every run. `progress` counts bars. The loop must be fresh. `recorded` is
// what a live process was asked for and went through that is replayed, in time order: each comes after the
// input at its time.
Status replay(Loop& loop, const std::vector<BarSeries>& series, const ProgressSink& progress,
              const Recorded& recorded = {});

ReplayTotals totals_of(const Loop& loop, double bars_per_year);

}  // namespace pawl::loop
