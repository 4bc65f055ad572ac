#include "base/clock.h"

#include <gtest/gtest.h>
#include <time.h>

namespace pawl {
namespace {

TEST(WallClock, ShowsTheSystemsTime) {
  const TimeMs before = static_cast<TimeMs>(time(nullptr)) * 1000;
  const TimeMs now = WallClock().now();
  // time() may lag by a tick of the kernel's coarse clock.
  EXPECT_GE(now, before - 1000);
  EXPECT_LE(now, static_cast<TimeMs>(time(nullptr)) * 1000 + 2000);
}

TEST(SimulatedClock, MovesForwardOnly) {
  SimulatedClock clock(1000);
  clock.advance_to(3000);
  EXPECT_EQ(clock.now(), 3000);
  clock.advance_to(2000);
  EXPECT_EQ(clock.now(), 3000);
}

TEST(Stopwatches, NeverRunBackwards) {
  const double wall = monotonic_seconds(), cpu = process_cpu_seconds();
  volatile double sink = 0;
  for (int i = 0; i < 100'000; ++i) sink = sink + i;
  EXPECT_GE(monotonic_seconds(), wall);
  EXPECT_GT(process_cpu_seconds(), cpu);
}

}  // namespace
}  // namespace pawl
