// A served prediction, and what became of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/side.h"

namespace pawl {

struct Prediction {
  std::int64_t id = 0;  // counts from 1 within a store
  LineId line;
  std::string symbol;        // canonical
  TimeMs bar_open_time = 0;  // the bar whose close made it possible
  TimeMs known_at = 0;       // that close
  VersionNumber version;
  Side side = Side::hold;
  double p_up = 0.5;            // probability of a rise (with three classes: of BUY)
  double p_down = 0.5;          // of a fall (of SELL); p_up + p_down < 1 where HOLD is a class
  std::string features_digest;  // row_digest of the row it was made from
};

// Known once the horizon has passed: close of the exit bar.
struct Outcome {
  std::int64_t prediction_id = 0;
  LineId line;
  TimeMs predicted_at = 0;  // known_at of the prediction; not stored again with the outcome
  TimeMs known_at = 0;
  double entry_price = 0, exit_price = 0;
  std::int64_t bars_held = 0;
  double gross_return = 0;  // exit/entry − 1, unsigned by the side
  Side side = Side::hold;
  bool correct = false;      // the gross move has the predicted sign; a zero move is incorrect; HOLD never is
  double pnl_pct = 0;        // side × gross return − round-trip cost, in percent; 0 for HOLD
  bool correct_net = false;  // pnl_pct > 0
};

}  // namespace pawl
