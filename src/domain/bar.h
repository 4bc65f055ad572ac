// One bar of one market.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"

namespace pawl {

// Keyed by its open time. Known, and so usable, from its close time on.
struct Bar {
  TimeMs open_time = 0;
  TimeMs close_time = 0;
  double open = 0, high = 0, low = 0, close = 0;
  double volume = 0;  // in the source's unit; 0 throughout a series means that it has none

  TimeMs known_at() const { return close_time; }
  friend bool operator==(const Bar&, const Bar&) = default;
};

// What is wrong with a bar, or empty: prices must be finite and above zero, low ≤ open, close ≤ high, volume
// finite and not negative, close_time after open_time. `field` names the first culprit ("high").
struct BarFault {
  std::string field;
  std::string reason;
  bool any() const { return !field.empty(); }
};
BarFault find_fault(const Bar& bar);

}  // namespace pawl
