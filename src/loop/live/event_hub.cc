#include "loop/live/event_hub.h"

#include <algorithm>

namespace pawl::loop {

void EventHub::watch(std::function<void(const std::vector<Event>&)> watcher) {
  const std::scoped_lock lock(watching_);
  watchers_.push_back(std::move(watcher));
}

void EventHub::publish(std::vector<Event> events) {
  if (events.empty()) return;
  {
    const std::scoped_lock lock(watching_);
    for (const auto& watcher : watchers_) watcher(events);
  }
  {
    const std::scoped_lock lock(mutex_);
    for (Event& event : events) {
      ring_.push_back(std::move(event));
      if (ring_.size() <= kept_) continue;
      last_dropped_ = std::max(last_dropped_, ring_.front().ingest_seq);
      ring_.pop_front();
      ++first_;
    }
  }
  if (tell_) tell_();
}

EventHub::Page EventHub::read(std::uint64_t place, std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  Page page;
  page.missed = place < first_;
  const std::uint64_t from = std::max(place, first_), end = first_ + ring_.size();
  page.next = from;
  for (std::uint64_t i = from; i < end && page.entries.size() < limit; ++i) {
    page.entries.push_back({i, ring_[static_cast<std::size_t>(i - first_)]});
    page.next = i + 1;
  }
  return page;
}

std::uint64_t EventHub::end() const {
  const std::scoped_lock lock(mutex_);
  return first_ + ring_.size();
}

std::optional<std::uint64_t> EventHub::place_after(std::int64_t seq) const {
  const std::scoped_lock lock(mutex_);
  if (seq < last_dropped_) return std::nullopt;
  for (std::size_t i = ring_.size(); i-- > 0;) {
    if (ring_[i].ingest_seq != 0 && ring_[i].ingest_seq <= seq) return first_ + i + 1;
  }
  // Nothing of the ring has been seen: all of it is new, if it reaches back to the next number.
  const auto oldest =
      std::find_if(ring_.begin(), ring_.end(), [](const Event& event) { return event.ingest_seq != 0; });
  if (oldest == ring_.end()) return last_dropped_ == 0 ? std::nullopt : std::optional(first_ + ring_.size());
  if (oldest->ingest_seq != seq + 1) return std::nullopt;
  return first_;
}

}  // namespace pawl::loop
