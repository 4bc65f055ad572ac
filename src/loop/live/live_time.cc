#include "loop/live/live_time.h"

#include <algorithm>

namespace pawl::loop {

PacedTime::PacedTime(TimeMs start, double factor)
    : start_(start), factor_(factor), began_s_(monotonic_seconds()) {}

TimeMs PacedTime::now() {
  return start_ + static_cast<TimeMs>((monotonic_seconds() - began_s_) * 1000 * factor_);
}

double PacedTime::seconds_until(TimeMs at) {
  return std::max(0.0, static_cast<double>(at - now()) / 1000 / factor_);
}

double WallTime::seconds_until(TimeMs at) {
  return std::max(0.0, static_cast<double>(at - now()) / 1000);
}

void WallTime::bar_came(TimeMs close) {
  const DurationMs lag = clock_.now() - close;
  behind_ms_ = lag > fresh_ms_ ? lag : 0;
}

}  // namespace pawl::loop
