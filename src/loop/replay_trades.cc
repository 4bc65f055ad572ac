#include "loop/replay_trades.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "loop/replay.h"

namespace pawl::loop {

namespace {

// Updating a progress line costs more than a bar does.
constexpr std::uint64_t kProgressEvery = 256;

class Feeder {
 public:
  Feeder(Loop& loop, std::span<const market::TradeEvent> events) : loop_(loop), events_(events) {}

  // Everything that the bot reports before `time`.
  Status before(TimeMs time) {
    while (next_ < events_.size() && market::time_of(events_[next_]) < time) {
      if (Status done = instant(market::time_of(events_[next_]), nullptr); !done) return done;
    }
    return {};
  }

  // All that happens at `time`.
  Status instant(TimeMs time, const BarBatch* bars) {
    if (Status ticked = tick_until(time); !ticked) return ticked;
    const std::size_t first = next_;
    while (next_ < events_.size() && market::time_of(events_[next_]) == time) ++next_;
    const auto now = events_.subspan(first, next_ - first);
    std::set<std::string_view> opened_now;
    for (const market::TradeEvent& event : now) {
      if (const auto* signal = std::get_if<TradeSignal>(&event)) opened_now.insert(signal->id);
    }
    for (const bool at_once : {false, true}) {
      for (const market::TradeEvent& event : now) {
        const auto* close = std::get_if<TradeClose>(&event);
        if (close == nullptr || opened_now.contains(close->id) != at_once) continue;
        if (Status closed = report(*close); !closed) return closed;
      }
      if (at_once) break;
      if (bars != nullptr) {
        if (Status stepped = loop_.step(*bars); !stepped) return stepped;
      }
      for (const market::TradeEvent& event : now) {
        const auto* signal = std::get_if<TradeSignal>(&event);
        if (signal == nullptr) continue;
        if (Status asked = ask(*signal); !asked) return asked;
      }
    }
    last_ = time;
    if (loop_.next_tick(time - 1) == time) return loop_.tick(time);
    return {};
  }

  const TradeReplay& counts() const { return counts_; }
  std::size_t fed() const { return next_; }

 private:
  Status tick_until(TimeMs time) {
    if (!last_) return {};
    for (auto tick = loop_.next_tick(*last_); tick && *tick < time; tick = loop_.next_tick(*tick)) {
      if (Status ticked = loop_.tick(*tick); !ticked) return ticked;
    }
    return {};
  }

  Status ask(const TradeSignal& signal) {
    auto answer = loop_.signal(signal);
    if (!answer) return propagate(answer);
    ++counts_.signals;
    if (answer->allowed) {
      open_.insert(signal.id);
    } else {
      ++counts_.refused;
      refused_.insert(signal.id);
    }
    return {};
  }

  Status report(const TradeClose& close) {
    if (refused_.erase(close.id) > 0) {
      ++counts_.closes_of_refused;
      return {};
    }
    if (open_.erase(close.id) == 0) {
      ++counts_.closes_without_open;
      return {};
    }
    ++counts_.closes;
    return loop_.close(close);
  }

  Loop& loop_;
  std::span<const market::TradeEvent> events_;
  std::size_t next_ = 0;
  std::optional<TimeMs> last_;
  std::set<std::string> open_, refused_;
  TradeReplay counts_;
};

}  // namespace

Result<TradeReplay> replay_trades(Loop& loop, const std::vector<BarSeries>& series,
                                  std::span<const market::TradeEvent> events, const ProgressSink& progress) {
  assert(loop.trade_line() != nullptr);
  Feeder feeder(loop, events);
  std::uint64_t total = events.size(), bars = 0, reported = 0;
  for (const BarSeries& one : series) total += one.size();
  const auto tell = [&](std::uint64_t every) {
    const std::uint64_t done = bars + feeder.fed();
    if (!progress || done - reported < every) return;
    reported = done;
    progress({done, total, {}});
  };
  const Status fed = for_each_batch(series, [&](const BarBatch& batch) -> Status {
    if (Status before = feeder.before(batch.close_time); !before) return before;
    bars += batch.items.size();
    tell(kProgressEvery);
    return feeder.instant(batch.close_time, &batch);
  });
  if (!fed) return propagate(fed);
  if (Status rest = feeder.before(std::numeric_limits<TimeMs>::max()); !rest) return propagate(rest);
  tell(0);
  if (Status drained = loop.drain(); !drained) return propagate(drained);
  if (Status folds = loop.walk_forward_last(); !folds) return propagate(folds);
  return feeder.counts();
}

}  // namespace pawl::loop
