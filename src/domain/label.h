// What really happened after a bar, as a class to learn and a return to score.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace pawl {

struct Label {
  static constexpr int kUnknown = -1;
  // With two classes: 0 down, 1 up. With three: 0 SELL, 1 HOLD, 2 BUY. kUnknown where the horizon has not
  // passed, or the session's rule forbids a label.
  int cls = kUnknown;
  double gross_return = 0;   // exit price over entry price − 1, before costs
  TimeMs known_at = 0;       // close of the bar whose open was the exit price (or that touched a barrier)
  std::size_t exit_bar = 0;  // index of that bar in the series
  bool known() const { return cls != kUnknown; }
};

}  // namespace pawl
