// Contests that policies share: the same two models over the same rows weigh the same, whoever holds them.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <mutex>
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
    std::once_flag weighed;
    Evidence evidence;
  };
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<Slot>> slots_;
};

}  // namespace pawl::studies
