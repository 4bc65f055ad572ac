// One entry of the append-only stream that everything is written to, in the order in which it was taken in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace pawl {

// The kinds: bar, gap, prediction, outcome, trade_signal, trade_close, trigger, deferred, run_started,
// run_failed, job, contest, verdict, swap, watch, rollback, release, note, client_prediction.
struct Event {
  std::int64_t ingest_seq = 0;  // from 1, without holes; given by the store
  TimeMs known_at = 0;          // the instant from which it may be used
  std::string kind;
  std::string line;     // line id, or the symbol for bars; empty where it concerns all
  std::string payload;  // a JSON object, canonical
};

// {"seq":1,"known_at":"…","kind":"…","line":"…","data":{…}} — a line of --events, without the newline.
std::string to_ndjson(const Event& event);

}  // namespace pawl
