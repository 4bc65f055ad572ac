// What a loop told, as lines with the instant from which each was known: for tests that change the future.
#pragma once

#include <vector>

#include "loop/loop_rig.h"
#include "loop/replay.h"
#include "support/event_check.h"

namespace pawl::loop {

inline std::vector<test::KnownLine> lines_of(const std::vector<Event>& events) {
  std::vector<test::KnownLine> lines;
  for (const Event& event : events) lines.push_back({event.known_at, to_ndjson(event)});
  return lines;
}

// Of a replay of the rig's recipe over these bars.
inline std::vector<test::KnownLine> replayed(const Sets& set, const BarSeries& bars) {
  Rig rig(set);
  const Status done = replay(*rig.loop, {bars}, {});
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return lines_of(rig.events);
}

}  // namespace pawl::loop
