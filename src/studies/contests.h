// Contests that policies share: the same two models over the same rows weigh the same, whoever holds them.
#pragma once

#include <compare>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "contest/contest.h"
#include "studies/asked_model.h"

namespace pawl::studies {

// Safe from any thread.
class Contests {
 public:
  struct Side {
    VersionNumber version;
    const AskedModel* judged = nullptr;  // of the line's market; lives as long as the comparison
  };
  // What loop::BarLine::contest finds for the line, without its earlier champions.
  Evidence hold(const Side& champion, const Side& challenger, const loop::Windows& windows);
  std::int64_t held() const;

 private:
  struct Key {
    const AskedModel* champion;
    const AskedModel* challenger;
    TimeMs after, as_of;
    auto operator<=>(const Key&) const = default;
  };
  struct Slot {
    std::mutex mutex;
    std::optional<Evidence> evidence;  // none yet, or its rows were let go
  };
  // Walks go on together, so that a contest is asked for by all of them at about the same time: the rows of
  // the newest are kept, of others only that they were held.
  static constexpr std::size_t kKeptRows = 4'000'000;
  void keep(const std::shared_ptr<Slot>& slot, std::size_t rows);

  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<Slot>> slots_;
  std::deque<std::pair<std::shared_ptr<Slot>, std::size_t>> kept_;  // oldest first
  std::size_t kept_rows_ = 0;
};

}  // namespace pawl::studies
