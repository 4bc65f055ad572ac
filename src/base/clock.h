// The clock. Nothing below app/ asks the wall for the time except through this (DESIGN rule 4).
#pragma once

#include <cstdint>

#include "base/time.h"

namespace pawl {

class Clock {
 public:
  virtual ~Clock() = default;
  // The present instant, UTC.
  virtual TimeMs now() const = 0;
};

// The computer's clock.
class WallClock final : public Clock {
 public:
  TimeMs now() const override;
};

// A clock that shows what it was told: replay, and tests.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(TimeMs start = 0) : now_(start) {}
  TimeMs now() const override { return now_; }
  // Moves forward only: an earlier time is ignored.
  void advance_to(TimeMs time) {
    if (time > now_) now_ = time;
  }

 private:
  TimeMs now_;
};

// Seconds on the monotonic clock, for progress and benchmarks only: never in anything hashed or stored
// as evidence.
double monotonic_seconds();
// Lets the thread rest: for whoever asks another process now and then, never in a test.
void rest_seconds(double seconds);
// CPU seconds of this process, all threads.
double process_cpu_seconds();

}  // namespace pawl
