// Schedules on a clock that jumps, in zones whose days have 23 and 25 hours: once a day, never twice, caught
// up once where they were missed.
#include "loop/live_rig.h"

namespace pawl::loop {
namespace {

TimeMs at(const std::string& text) {
  const auto time = parse_time(text);
  EXPECT_TRUE(time.has_value()) << text;
  return *time;
}

// At half past two every night, which a day of 23 hours does not have and one of 25 has twice.
struct ClockRig : LiveRig {
  ClockRig(const std::string& zone, TimeMs begin)
      : LiveRig({{"training.skip_unchanged", "false"}}, 500,
                fmt::format("triggers: [{{kind: cron, schedule: \"30 2 * * *\", zone: {}}}]\n", zone), 0,
                begin - 500 * kHourMs) {
    look();
    events.clear();
  }
  // The clock goes on by ten minutes at a time.
  void run_to(TimeMs end) {
    while (clock.at < end) {
      clock.at = std::min(end, clock.at + 10 * kMinuteMs);
      look();
    }
    look();
  }
  void set(TimeMs to) {
    clock.at = to;
    look();
  }
  void look() {
    EXPECT_TRUE(live.step().status);
    train();
  }
  std::size_t fired() const { return count("trigger"); }
};

TEST(LiveClock, SchedulesFireOnceADayWhereDaysChangeTheirLength) {
  struct Case {
    const char *zone, *begin;
  };
  for (const auto& [zone, begin] :
       {Case{"Europe/Berlin", "2023-03-24T12:00:00Z"}, Case{"Europe/Berlin", "2023-10-27T12:00:00Z"},
        Case{"America/New_York", "2023-03-10T18:00:00Z"}, Case{"America/New_York", "2023-11-03T18:00:00Z"}}) {
    SCOPED_TRACE(fmt::format("{} {}", zone, begin));
    ClockRig rig(zone, at(begin));
    for (int day = 1; day <= 5; ++day) {
      rig.run_to(at(begin) + day * kDayMs);
      EXPECT_EQ(rig.fired(), static_cast<std::size_t>(day));
    }
  }
}

TEST(LiveClock, AClockThatIsSetForwardCatchesUpOnce) {
  const TimeMs noon = at("2023-05-10T12:00:00Z");
  for (const DurationMs jump : {kHourMs, kDayMs + kHourMs, 3 * kDayMs + kHourMs}) {
    ClockRig rig("Europe/Berlin", noon);
    rig.run_to(noon + 12 * kHourMs);  // midnight in UTC, where half past two is 00:30
    EXPECT_EQ(rig.fired(), 0U);
    rig.set(rig.clock.at + jump);
    EXPECT_EQ(rig.fired(), 1U) << "one night or four were missed, and are caught up by one run";
    rig.run_to(rig.clock.at + 20 * kHourMs);
    EXPECT_EQ(rig.fired(), 1U);
    rig.run_to(rig.clock.at + 5 * kHourMs);
    EXPECT_EQ(rig.fired(), 2U) << "and then as ever";
  }
}

TEST(LiveClock, AClockThatIsSetBackDoublesNothing) {
  const TimeMs noon = at("2023-05-10T12:00:00Z");
  for (const DurationMs jump : {kHourMs, kDayMs}) {
    ClockRig rig("America/New_York", noon);
    rig.run_to(at("2023-05-11T06:40:00Z"));  // half past two was ten minutes ago
    EXPECT_EQ(rig.fired(), 1U);
    rig.set(rig.clock.at - jump);
    rig.run_to(rig.clock.at + jump + 2 * kHourMs);
    EXPECT_EQ(rig.fired(), 1U) << "the same night comes again, its run does not";
    rig.run_to(at("2023-05-12T06:40:00Z"));
    EXPECT_EQ(rig.fired(), 2U);
  }
}

TEST(LiveClock, HeartbeatsDoNotCareForIt) {
  // A millisecond of the monotonic clock passes between two steps of any computer, or soon after.
  LiveRig rig({}, 40, "", /*heartbeat_ms=*/1);
  const auto beats_within = [&](double seconds) {
    const std::size_t before = rig.count("heartbeat");
    const double until = monotonic_seconds() + seconds;
    while (rig.count("heartbeat") == before && monotonic_seconds() < until) {
      EXPECT_TRUE(rig.live.step().status);
    }
    return rig.count("heartbeat") > before;
  };
  EXPECT_TRUE(beats_within(5));
  for (const DurationMs jump : {-kDayMs, kDayMs, -kHourMs, kHourMs}) {
    rig.clock.at += jump;
    EXPECT_TRUE(beats_within(5)) << jump;
  }
  LiveRig silent({}, 40, "", /*heartbeat_ms=*/3'600'000);
  static_cast<void>(silent.live.step());
  const std::size_t before = silent.count("heartbeat");
  silent.clock.at += 10 * kDayMs;
  static_cast<void>(silent.live.step());
  EXPECT_EQ(silent.count("heartbeat"), before) << "an hour has not passed, whatever the clock says";
}

}  // namespace
}  // namespace pawl::loop
