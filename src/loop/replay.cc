#include "loop/replay.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>
#include <queue>

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

Status for_each_batch(const std::vector<BarSeries>& series,
                      const std::function<Status(const BarBatch&)>& take) {
  // The next close of each series, the earliest first, in the order given where they close together.
  using Next = std::pair<TimeMs, std::size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> waiting;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!series[i].empty()) waiting.emplace(series[i].close_time(0), i);
  }
  std::vector<std::size_t> next(series.size(), 0);
  BarBatch batch;
  while (!waiting.empty()) {
    batch.items.clear();
    batch.close_time = waiting.top().first;
    while (!waiting.empty() && waiting.top().first == batch.close_time) {
      const std::size_t i = waiting.top().second;
      waiting.pop();
      batch.items.push_back({i, series[i][next[i]++]});
      if (next[i] < series[i].size()) waiting.emplace(series[i].close_time(next[i]), i);
    }
    if (Status taken = take(batch); !taken) return taken;
  }
  return {};
}

Status replay(Loop& loop, const std::vector<BarSeries>& series, const ProgressSink& progress,
              const Recorded& recorded) {
  assert(series.size() == loop.series_count());
  std::uint64_t total = 0, done = 0, reported = 0;
  for (const BarSeries& one : series) total += one.size();
  std::optional<TimeMs> last;  // the close before
  std::span<const Recorded::Request> requests = recorded.requests;
  std::span<const Recorded::Interruption> interruptions = recorded.interruptions;
  const auto interrupt_before = [&](TimeMs time, std::int64_t seq) -> Status {
    for (; !interruptions.empty() && interruptions.front().at < time && interruptions.front().seq < seq;
         interruptions = interruptions.subspan(1)) {
      if (Status marked = loop.mark_interrupted(interruptions.front().at); !marked) return marked;
    }
    return {};
  };
  const auto ask_before = [&](TimeMs time) -> Status {
    while (!requests.empty() && requests.front().at < time) {
      if (Status ended = interrupt_before(time, requests.front().seq); !ended) return ended;
      const TimeMs at = requests.front().at;
      for (; !requests.empty() && requests.front().at == at; requests = requests.subspan(1)) {
        const Recorded::Request& one = requests.front();
        if (Status asked = loop.request(one.line, one.reason, one.full, one.force); !asked) return asked;
      }
      if (Status looked = loop.tick(at); !looked) return looked;
    }
    return interrupt_before(time, std::numeric_limits<std::int64_t>::max());
  };
  const Status fed = for_each_batch(series, [&](const BarBatch& batch) -> Status {
    // Schedules and quotes that come due on the way; what is due with the bars comes after them.
    if (last) {
      for (auto tick = loop.next_tick(*last); tick && *tick < batch.close_time;
           tick = loop.next_tick(*tick)) {
        if (Status asked = ask_before(*tick); !asked) return asked;
        if (Status ticked = loop.tick(*tick); !ticked) return ticked;
      }
    }
    if (Status asked = ask_before(batch.close_time); !asked) return asked;
    if (Status stepped = loop.step(batch); !stepped) return stepped;
    last = batch.close_time;
    if (loop.next_tick(*last - 1) == last) {
      if (Status ticked = loop.tick(*last); !ticked) return ticked;
    }
    done += batch.items.size();
    if (progress && done - reported >= kProgressEvery) {
      reported = done;
      progress({done, total, {}});
    }
    return {};
  });
  if (!fed) return fed;
  if (progress) progress({done, total, {}});
  if (Status asked = ask_before(std::numeric_limits<TimeMs>::max()); !asked) return asked;
  if (Status drained = loop.drain(); !drained) return drained;
  return loop.walk_forward_last();
}

ReplayTotals totals_of(const Loop& loop, double bars_per_year) {
  const outcomes::SignalTally sum = sum_over_lines(loop);
  ReplayTotals totals;
  for (const std::unique_ptr<Line>& line : loop.lines()) totals.bars += line->data_count();
  if (loop.trade_line() != nullptr) totals.bars = loop.trade_line()->bars();
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
