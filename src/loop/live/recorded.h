// What a live process did that its bars alone do not tell: how long each run took, when somebody asked
// for one, and when a process ended in the middle of one. With it a replay over the same bars decides as the
// live process did.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loop/decisions.h"
#include "loop/loop.h"
#include "store/store.h"

namespace pawl::loop {

struct Recorded {
  // By run: from its trigger to its end; kNeverEnds where it was interrupted.
  std::map<std::int64_t, DurationMs> latencies;
  struct Request {
    TimeMs at = 0;
    LineId line;
    std::string reason;
    bool full = false, force = false;
    std::int64_t seq = 0;  // of its event
  };
  std::vector<Request> requests;  // in the order in which they came
  // A process ended while runs were under way: they never did, and what they were for is asked again.
  struct Interruption {
    TimeMs at = 0;
    std::int64_t seq = 0;  // of its event
  };
  std::vector<Interruption> interruptions;  // in their order
};

// Of a store that a live process wrote.
Result<Recorded> read_recorded(store::Store& store);

// The decisions that a store tells of, in their order: the same lines, and so the same hash, as those of the
// loop that wrote it. bad_data where an event does not parse.
Status tell_decisions(store::Store& store, DecisionLog& decisions);

}  // namespace pawl::loop
