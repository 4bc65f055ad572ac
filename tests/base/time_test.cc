#include "base/time.h"

#include <gtest/gtest.h>
#include <time.h>

#include <limits>

#include "base/random.h"

namespace pawl {
namespace {

constexpr TimeMs kNoon = 1679659200000;  // date -u -d 2023-03-24T12:00:00Z +%s

// Any instant of the years 0001 … 9998.
TimeMs random_time(Random& random) {
  const TimeMs first = -62135596800000;
  return first + static_cast<TimeMs>(random.below(9998ull * 365 * 86400 * 1000));
}

TEST(Time, IsWrittenAsRfc3339) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(kNoon), "2023-03-24T12:00:00Z");
  EXPECT_EQ(format_time(kNoon + 250), "2023-03-24T12:00:00.250Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Time, IsReadInEveryAllowedForm) {
  const std::pair<const char*, TimeMs> table[] = {
      {"2023-03-24T12:00:00Z", kNoon},
      {"2023-03-24t12:00:00z", kNoon},
      {"2023-03-24 12:00:00Z", kNoon},
      {"2023-03-24T14:00:00+02:00", kNoon},
      {"2023-03-24T06:30:00-05:30", kNoon},
      {"2023-03-24T12:00:00.25Z", kNoon + 250},
      {"2023-03-24T12:00:00.000000000Z", kNoon},
      {"2023-03-24T12:00:00.123999Z", kNoon + 123},
      {"2023-03-24", kNoon - 12 * kHourMs},
      {"2024-02-29", 1709164800000},
      {"2000-02-29", 951782400000},
  };
  for (const auto& [text, time] : table) {
    const auto parsed = parse_time(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, time) << text;
  }
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "now",
                           "2023",
                           "2023-3-24",
                           "2023-02-29",
                           "1900-02-29",
                           "2023-13-01",
                           "2023-00-01",
                           "2023-01-00",
                           "2023-04-31",
                           "2023-03-24T12:00Z",
                           "2023-03-24T12:00:00",
                           "2023-03-24T24:00:00Z",
                           "2023-03-24T12:60:00Z",
                           "2023-03-24T12:00:60Z",
                           "2023-03-24T12:00:00.Z",
                           "2023-03-24T12:00:00.1234567890Z",
                           "2023-03-24T12:00:00+0200",
                           "2023-03-24T12:00:00+24:00",
                           "2023-03-24T12:00:00Z ",
                           " 2023-03-24",
                           "+023-03-24",
                           "-023-03-24",
                           "2023-03-24T12:00:00+02:00Z",
                           "20230324",
                           "2023/03/24",
                           "2023-03-24T"}) {
    const auto parsed = parse_time(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::bad_data);
    EXPECT_NE(parsed.error().message.find("2023-03-24T12:00:00Z"), std::string::npos)
        << "shows how to write it";
  }
}

TEST(Time, RandomInstantsSurviveTextAndCivilForm) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const TimeMs time = random_time(random);
    ASSERT_EQ(parse_time(format_time(time)).value(), time);
    ASSERT_EQ(time_from_civil(civil_from_time(time)), time);
  }
}

TEST(Time, CivilTimeAgreesWithTheCLibrary) {
  Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    const TimeMs time = random_time(random);
    const time_t seconds = (time - ((time % 1000) + 1000) % 1000) / 1000;
    tm expected{};
    gmtime_r(&seconds, &expected);
    const CivilTime civil = civil_from_time(time);
    ASSERT_EQ(civil.year, expected.tm_year + 1900) << time;
    ASSERT_EQ(civil.month, expected.tm_mon + 1) << time;
    ASSERT_EQ(civil.day, expected.tm_mday) << time;
    ASSERT_EQ(civil.hour, expected.tm_hour) << time;
    ASSERT_EQ(civil.minute, expected.tm_min) << time;
    ASSERT_EQ(civil.second, expected.tm_sec) << time;
    ASSERT_EQ(civil.weekday, expected.tm_wday) << time;
  }
}

TEST(Time, TheEndsOfTheRangeDoNotOverflow) {
  EXPECT_EQ(civil_from_time(std::numeric_limits<TimeMs>::max()).year, 292278994);
  EXPECT_EQ(civil_from_time(std::numeric_limits<TimeMs>::min()).year, -292275055);
}

TEST(Duration, IsReadExactly) {
  const std::pair<const char*, DurationMs> table[] = {
      {"90d", 90 * kDayMs},
      {"12h", 12 * kHourMs},
      {"30min", 30 * kMinuteMs},
      {"45s", 45 * kSecondMs},
      {"250ms", 250},
      {"1.5h", 90 * kMinuteMs},
      {"0.5d", 12 * kHourMs},
      {"0.001s", 1},
      {"0.00100s", 1},
      {"0s", 0},
      {"0.25min", 15'000},
      {"1.125d", 27 * kHourMs},
  };
  for (const auto& [text, duration] : table) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, duration) << text;
  }
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "90", "d", "-5s", "+5s", "5 s", "5S", "1.s", ".5s", "1e3s", "5m", "5sec", "0x5s", "0.5ms",
        "0.0001s", "99999999999999999999d", "9223372036854775807s", "1.2.3s"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::bad_data);
  }
}

TEST(Duration, IsWrittenInTheLargestUnitThatFits) {
  EXPECT_EQ(format_duration(90 * kDayMs), "90d");
  EXPECT_EQ(format_duration(36 * kHourMs), "36h");
  EXPECT_EQ(format_duration(90 * kMinuteMs), "90min");
  EXPECT_EQ(format_duration(1500), "1500ms");
  EXPECT_EQ(format_duration(0), "0s");
  Random random(3);
  for (int i = 0; i < 5'000; ++i) {
    const auto duration = static_cast<DurationMs>(random.below(1ull << random.below(50)));
    ASSERT_EQ(parse_duration(format_duration(duration)).value(), duration);
  }
}

}  // namespace
}  // namespace pawl
