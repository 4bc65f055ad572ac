// What time it is for a live loop. The loop itself is told; this is who tells it.
#pragma once

#include "base/clock.h"

namespace pawl::loop {

// Used by the loop's thread.
class LiveTime {
 public:
  virtual ~LiveTime() = default;
  virtual TimeMs now() = 0;
  // How long to wait, in seconds of the monotonic clock, until it is `at`; 0 where it is already.
  virtual double seconds_until(TimeMs at) = 0;
  // No bar can have closed later than this.
  virtual TimeMs newest_close() = 0;
  // A bar that closed at `close` has come just now.
  virtual void bar_came(TimeMs close) = 0;
};

// The clock of recorded bars that are played `factor` times as fast as they happened, from `start` on. It
// stands on the monotonic clock, so the computer's may jump.
class PacedTime final : public LiveTime {
 public:
  PacedTime(TimeMs start, double factor);
  TimeMs now() override;
  double seconds_until(TimeMs at) override;
  TimeMs newest_close() override { return now(); }
  void bar_came(TimeMs) override {}

 private:
  TimeMs start_;
  double factor_, began_s_;
};

// The computer's clock; or, while bars of the past are handed in as if they were new, theirs: the close of
// the newest one, and then as much later as it is since it came. A bar within `fresh_ms` of the clock is no
// bar of the past.
class WallTime final : public LiveTime {
 public:
  // `behind_ms` is what a former process had found (see behind_ms()).
  WallTime(const Clock& clock, DurationMs fresh_ms, DurationMs behind_ms)
      : clock_(clock), fresh_ms_(fresh_ms), behind_ms_(behind_ms) {}
  TimeMs now() override { return clock_.now() - behind_ms_; }
  double seconds_until(TimeMs at) override;
  TimeMs newest_close() override { return clock_.now(); }
  void bar_came(TimeMs close) override;
  // How far the loop's time lags behind the clock; 0 where bars are new.
  DurationMs behind_ms() const { return behind_ms_; }

 private:
  const Clock& clock_;
  DurationMs fresh_ms_, behind_ms_;
};

}  // namespace pawl::loop
