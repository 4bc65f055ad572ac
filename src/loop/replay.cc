#include "loop/replay.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace pawl::loop {

namespace {

// Updating a progress line costs more than a bar does.
constexpr std::uint64_t kProgressEvery = 256;

outcomes::SignalTally sum_over_lines(const Loop& loop) {
  outcomes::SignalTally sum;
  for (const std::unique_ptr<Line>& line : loop.lines()) {
    const outcomes::SignalTally& one = line->performance.ever();
    sum.signals += one.signals;
    sum.correct += one.correct;
    sum.correct_net += one.correct_net;
    sum.outcomes += one.outcomes;
    sum.win_sum += one.win_sum;
    sum.loss_sum += one.loss_sum;
    sum.cost_sum += one.cost_sum;
  }
  return sum;
}

}  // namespace

Status replay(Loop& loop, const std::vector<BarSeries>& series, const ProgressSink& progress) {
  assert(series.size() == loop.lines().size());
  std::vector<std::size_t> next(series.size(), 0);
  std::uint64_t total = 0, done = 0, reported = 0;
  for (const BarSeries& one : series) total += one.size();
  constexpr TimeMs kNone = std::numeric_limits<TimeMs>::max();

  BarBatch batch;
  while (done < total) {
    batch.items.clear();
    batch.close_time = kNone;
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (next[i] < series[i].size())
        batch.close_time = std::min(batch.close_time, series[i].close_time(next[i]));
    }
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (next[i] < series[i].size() && series[i].close_time(next[i]) == batch.close_time) {
        batch.items.push_back({i, series[i][next[i]++]});
      }
    }
    if (Status stepped = loop.step(batch); !stepped) return stepped;
    done += batch.items.size();
    if (progress && done - reported >= kProgressEvery) {
      reported = done;
      progress({done, total, {}});
    }
  }
  if (progress) progress({done, total, {}});
  return loop.drain();
}

ReplayTotals totals_of(const Loop& loop, double bars_per_year) {
  const outcomes::SignalTally sum = sum_over_lines(loop);
  ReplayTotals totals;
  for (const std::unique_ptr<Line>& line : loop.lines())
    totals.bars += static_cast<std::int64_t>(line->bars().size());
  totals.signals = sum.signals;
  totals.outcomes = sum.outcomes;
  totals.win_rate = sum.win_rate();
  totals.win_rate_net = sum.win_rate_net();
  totals.break_even = sum.break_even();
  totals.pnl_after_cost = loop.portfolio_returns().total_return();
  totals.sharpe = loop.portfolio_returns().sharpe(bars_per_year);
  return totals;
}

}  // namespace pawl::loop
