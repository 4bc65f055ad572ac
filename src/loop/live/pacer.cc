#include "loop/live/pacer.h"

#include <cassert>

namespace pawl::loop {

Pacer::Pacer(std::vector<BarSeries> series, TimeMs from) : series_(std::move(series)) {
  for (const BarSeries& one : series_) {
    next_.push_back(one.count_known_at(from));
    left_ += one.size() - next_.back();
    if (next_.back() > 0) last_ = from;
  }
}

// O(series): a handful of symbols, or fifty, and nothing beside what a bar costs.
std::optional<TimeMs> Pacer::next_close() const {
  std::optional<TimeMs> close;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    if (next_[i] == series_[i].size()) continue;
    const TimeMs own = series_[i].close_time(next_[i]);
    if (!close || own < *close) close = own;
  }
  return close;
}

std::optional<TimeMs> Pacer::next(const Loop& loop) const {
  const std::optional<TimeMs> close = next_close();
  if (!close || !last_) return close;
  const std::optional<TimeMs> tick = loop.next_tick(*last_);
  return tick && *tick < *close ? tick : close;
}

Status Pacer::feed(Loop& loop) {
  const std::optional<TimeMs> at = next(loop);
  assert(at && "there is an input");
  last_ = *at;
  if (next_close() != at) return loop.tick(*at);
  BarBatch batch;
  batch.close_time = *at;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    if (next_[i] == series_[i].size() || series_[i].close_time(next_[i]) != *at) continue;
    batch.items.push_back({i, series_[i][next_[i]++]});
    --left_;
  }
  if (Status stepped = loop.step(batch); !stepped) return stepped;
  return loop.next_tick(*at - 1) == at ? loop.tick(*at) : Status();
}

}  // namespace pawl::loop
