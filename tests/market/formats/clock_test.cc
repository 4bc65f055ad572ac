#include "market/formats/clock.h"

#include <gtest/gtest.h>

namespace pawl::market::formats {
namespace {

LocalMs local(std::string_view text) {
  return parse_time(fmt::format("{}Z", text)).value();
}

std::string read(const char* clock, const char* shown) {
  ClockReader reader(Clock::parse(clock).value());
  const auto instants = reader.read(local(shown));
  if (!instants.first) return "never";
  if (!instants.second) return format_time(*instants.first);
  return fmt::format("{} {}", format_time(*instants.first), format_time(*instants.second));
}

TEST(ClockTest, IsReadFromAZoneAndAShift) {
  EXPECT_EQ(read("UTC", "2019-07-08T05:50:00"), "2019-07-08T05:50:00Z");
  EXPECT_EQ(read("America/New_York", "2019-07-08T05:50:00"), "2019-07-08T09:50:00Z");
  EXPECT_EQ(read("New York", "2019-07-08T05:50:00"), "2019-07-08T09:50:00Z");
  EXPECT_EQ(read("New York+7h", "2019-07-08T05:50:00"), "2019-07-08T02:50:00Z");
  EXPECT_EQ(read("America/New_York+7", "2019-07-08T05:50:00"), "2019-07-08T02:50:00Z");
  EXPECT_EQ(read("London-5h", "2019-10-27T19:00:00"), "2019-10-28T00:00:00Z");
  EXPECT_EQ(read("UTC+2", "2019-07-08T05:50:00"), "2019-07-08T03:50:00Z");
  EXPECT_EQ(read("+05:30", "2019-07-08T05:50:00"), "2019-07-08T00:20:00Z");
  EXPECT_EQ(read("Etc/GMT+5", "2019-07-08T05:50:00"), "2019-07-08T10:50:00Z");
}

TEST(ClockTest, ItsNameReadsBack) {
  for (const char* name :
       {"UTC", "America/New_York", "New York+7h", "London-5h", "UTC+2", "UTC-5", "UTC+5:30"}) {
    EXPECT_EQ(Clock::parse(name).value().name(), name);
  }
  EXPECT_EQ(Clock::parse("America/New_York+7h").value().name(), "New York+7h");
  for (const char* name : {"", "Mars", "UTC+", "UTC+99", "New York+7x", "New York7", "+", "UTC+1:5"}) {
    const auto clock = Clock::parse(name);
    ASSERT_FALSE(clock) << name;
    EXPECT_EQ(clock.error().code, ErrorCode::invalid_argument);
  }
}

TEST(ClockTest, AnHourInAutumnIsThereTwiceAndOneInSpringNever) {
  EXPECT_EQ(read("America/New_York", "2023-11-05T01:30:00"), "2023-11-05T05:30:00Z 2023-11-05T06:30:00Z");
  EXPECT_EQ(read("America/New_York", "2023-11-05T02:00:00"), "2023-11-05T07:00:00Z");
  EXPECT_EQ(read("America/New_York", "2023-11-05T00:59:00"), "2023-11-05T04:59:00Z");
  EXPECT_EQ(read("America/New_York", "2023-03-12T02:30:00"), "never");
  EXPECT_EQ(read("America/New_York", "2023-03-12T03:00:00"), "2023-03-12T07:00:00Z");
  // The shop's clock turns when New York's does, seven hours later on its face.
  EXPECT_EQ(read("New York+7h", "2023-03-12T09:30:00"), "never");
}

TEST(ClockTest, RemembersOnlyWhatHoldsThroughout) {
  const Clock clock = Clock::parse("America/New_York").value();
  ClockReader remembering(clock);
  for (LocalMs at = local("2022-10-01T00:00:00"); at < local("2024-04-01T00:00:00"); at += 30 * kMinuteMs) {
    ClockReader fresh(clock);
    const auto one = remembering.read(at), other = fresh.read(at);
    ASSERT_EQ(one.first, other.first) << format_time(at);
    ASSERT_EQ(one.second, other.second) << format_time(at);
    if (one.first) {
      ASSERT_EQ(clock.show(*one.first), at);
    }
    if (one.second) {
      ASSERT_EQ(clock.show(*one.second), at);
    }
  }
}

TEST(ClockTest, ItsMidnightIsAnAnchor) {
  EXPECT_EQ(Clock::parse("New York+7h").value().day_anchor(), "America/New_York 17:00");
  EXPECT_EQ(Clock::parse("Europe/Athens").value().day_anchor(), "Europe/Athens 00:00");
  EXPECT_EQ(Clock::parse("UTC+2").value().day_anchor(), "UTC 22:00");
  EXPECT_EQ(Clock::parse("London-5h").value().day_anchor(), "Europe/London 05:00");
}

}  // namespace
}  // namespace pawl::market::formats
