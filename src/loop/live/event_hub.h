// The newest events for whoever watches: a ring in memory, filled by the loop's thread once they are durable,
// read by any. Older ones are in the store.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/event.h"

namespace pawl::loop {

class EventHub {
 public:
  explicit EventHub(std::size_t kept = 4096) : kept_(kept) {}

  // Something to tell: an event of the store, or progress, which has no number and is told to those who watch
  // just now only (ingest_seq 0).
  void publish(std::vector<Event> events);
  // Called after each publish, from its thread; it must not call back. Set before anybody publishes.
  void on_publish(std::function<void()> tell) { tell_ = std::move(tell); }
  // Called with what is published, from the publisher's thread, before on_publish's; it must not call back.
  // Any thread may add one at any time; it stays for good.
  void watch(std::function<void(const std::vector<Event>&)> watcher);

  // A place in the stream of this process: each entry of the ring has the next.
  struct Entry {
    std::uint64_t place = 0;
    Event event;
  };
  struct Page {
    std::vector<Entry> entries;
    std::uint64_t next = 0;  // the place to ask for next
    bool missed = false;     // the ring had moved on beyond the place that was asked for
  };
  // Entries from a place on, `limit` at most.
  Page read(std::uint64_t place, std::size_t limit) const;
  // The place behind the newest entry.
  std::uint64_t end() const;
  // The place of the first event with a number above `seq`; nothing where the ring does not reach back so
  // far.
  std::optional<std::uint64_t> place_after(std::int64_t seq) const;

 private:
  const std::size_t kept_;
  mutable std::mutex mutex_;
  std::deque<Event> ring_;
  std::uint64_t first_ = 0;        // place of the ring's first entry
  std::int64_t last_dropped_ = 0;  // number of the newest event that left the ring
  std::function<void()> tell_;
  std::mutex watching_;  // of watchers_
  std::vector<std::function<void(const std::vector<Event>&)>> watchers_;
};

}  // namespace pawl::loop
