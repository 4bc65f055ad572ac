#include "base/timezone.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <limits>
#include <thread>

#include "base/random.h"

namespace pawl {
namespace {

TimeMs at(std::string_view text) {
  return parse_time(text).value();
}
// The local clock of a zone, written as if it were UTC.
CivilTime local(std::string_view text) {
  return civil_from_time(at(text));
}
TimeZone zone(std::string_view name) {
  return TimeZone::find(name).value();
}

TEST(TimeZone, ShowsTheLocalClock) {
  EXPECT_EQ(time_from_civil(zone("America/New_York").to_local(at("2023-07-01T12:00:00.250Z"))),
            at("2023-07-01T08:00:00.250Z"));
  EXPECT_EQ(zone("Asia/Kathmandu").offset_at(0), 5 * kHourMs + 30 * kMinuteMs);
  EXPECT_EQ(zone("Asia/Kathmandu").offset_at(at("2023-01-01")), 5 * kHourMs + 45 * kMinuteMs);
  EXPECT_EQ(zone("UTC").offset_at(at("2023-07-01")), 0);
  EXPECT_EQ(TimeZone::utc().name(), "UTC");
}

TEST(TimeZone, SkippedAndDoubledTimesHaveOneAnswer) {
  struct Row {
    const char *zone, *shown, *instant;
  };
  const Row table[] = {
      {"America/New_York", "2023-03-12T01:59:59.999Z", "2023-03-12T06:59:59.999Z"},
      {"America/New_York", "2023-03-12T02:00:00Z", "2023-03-12T07:00:00Z"},  // skipped: 02:00 … 03:00
      {"America/New_York", "2023-03-12T02:30:00Z", "2023-03-12T07:00:00Z"},
      {"America/New_York", "2023-03-12T03:00:00Z", "2023-03-12T07:00:00Z"},
      {"America/New_York", "2023-11-05T01:30:00Z", "2023-11-05T05:30:00Z"},  // doubled: the earlier
      {"America/New_York", "2023-11-05T02:00:00Z", "2023-11-05T07:00:00Z"},
      {"Europe/London", "2023-03-26T01:15:00Z", "2023-03-26T01:00:00Z"},
      {"America/Sao_Paulo", "2017-10-15T00:00:00Z", "2017-10-15T03:00:00Z"},    // a day without midnight
      {"Australia/Lord_Howe", "2023-10-01T02:15:00Z", "2023-09-30T15:30:00Z"},  // half an hour
      {"Asia/Tokyo", "2023-06-01T09:00:00Z", "2023-06-01T00:00:00Z"},
      {"UTC", "2023-06-01T09:00:00Z", "2023-06-01T09:00:00Z"},
  };
  for (const Row& row : table) {
    EXPECT_EQ(format_time(zone(row.zone).from_local(local(row.shown))), row.instant) << row.zone << row.shown;
  }
}

TEST(TimeZone, NextChange) {
  EXPECT_EQ(format_time(zone("America/New_York").next_change(at("2023-01-01"))), "2023-03-12T07:00:00Z");
  EXPECT_EQ(format_time(zone("America/New_York").next_change(at("2023-03-12T07:00:00Z"))),
            "2023-11-05T06:00:00Z");
  constexpr TimeMs kNever = std::numeric_limits<TimeMs>::max();
  EXPECT_EQ(zone("Asia/Tokyo").next_change(at("2023-01-01")), kNever);
  EXPECT_EQ(TimeZone::utc().next_change(0), kNever);
}

TEST(TimeZone, AnUnknownNameIsRefusedWithExamples) {
  for (const char* name : {"", "Mars/Base", "America/New York", "../etc/passwd", "utc+1"}) {
    const auto found = TimeZone::find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().code, ErrorCode::bad_config);
    EXPECT_NE(found.error().message.find("America/New_York"), std::string::npos);
  }
}

TEST(TimeZone, AgreesWithTheCLibraryAndComesBack) {
  Random random(4);
  const char* before = getenv("TZ");
  const std::string restore = before == nullptr ? "" : before;
  for (const char* name : {"America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney",
                           "America/Santiago", "Africa/Casablanca"}) {
    setenv("TZ", name, 1);
    tzset();
    const TimeZone tested = zone(name);
    for (int i = 0; i < 2'000; ++i) {
      const auto time = static_cast<TimeMs>(random.below(2'100'000'000) * 1000);
      const time_t seconds = time / 1000;
      tm expected{};
      localtime_r(&seconds, &expected);
      ASSERT_EQ(tested.offset_at(time), expected.tm_gmtoff * 1000) << name << " " << format_time(time);
      const CivilTime shown = tested.to_local(time);
      ASSERT_EQ(shown.hour, expected.tm_hour);
      ASSERT_EQ(shown.weekday, expected.tm_wday);
      // Back again, but for the later of two instants that the clock shows alike.
      const TimeMs back = tested.from_local(shown);
      ASSERT_TRUE(back == time ||
                  (back < time && time_from_civil(tested.to_local(back)) == time_from_civil(shown)));
    }
  }
  before == nullptr ? unsetenv("TZ") : setenv("TZ", restore.c_str(), 1);
  tzset();
}

TEST(TimeZone, ManyThreadsMayAsk) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (const char* name : {"Europe/Paris", "Asia/Tokyo", "America/Chicago"}) {
        EXPECT_NE(zone(name).offset_at(at("2023-07-01")), 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace pawl
