// The cron parser and its clock, against hand-made cases and against a matcher that walks two years minute by
// minute.
#include "triggers/cron.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/random.h"

namespace pawl::triggers {
namespace {

TimeMs at(std::string_view text) {
  return *parse_time(text);
}

std::string next(std::string_view expression, std::string_view zone, std::string_view after) {
  auto schedule = CronSchedule::parse(expression, zone);
  if (!schedule) return schedule.error().message;
  return format_time(schedule->next_after(at(after)));
}

TEST(Cron, NextDueInstant) {
  struct Row {
    const char *expression, *zone, *after, *due;
  };
  const Row rows[] = {
      // 2024-03-03 and -10 are Sundays.
      {"0 2 * * SUN", "UTC", "2024-03-04T00:00:00Z", "2024-03-10T02:00:00Z"},
      {"0 2 * * SUN", "UTC", "2024-03-10T01:59:59.999Z", "2024-03-10T02:00:00Z"},
      {"0 2 * * SUN", "UTC", "2024-03-10T02:00:00Z", "2024-03-17T02:00:00Z"},
      {"0 2 * * 0", "UTC", "2024-03-04T00:00:00Z", "2024-03-10T02:00:00Z"},
      {"0 2 * * 7", "UTC", "2024-03-04T00:00:00Z", "2024-03-10T02:00:00Z"},
      {"0 2 * * sun", "UTC", "2024-03-04T00:00:00Z", "2024-03-10T02:00:00Z"},
      {"0 2 * * SAT-SUN", "UTC", "2024-03-04T00:00:00Z", "2024-03-09T02:00:00Z"},
      {"0 2 * * 5-7", "UTC", "2024-03-09T03:00:00Z", "2024-03-10T02:00:00Z"},
      {"0 2 * * 5-7", "UTC", "2024-03-10T03:00:00Z", "2024-03-15T02:00:00Z"},
      {"0 2 * * */2", "UTC", "2024-03-03T03:00:00Z", "2024-03-05T02:00:00Z"},
      {"*/15 * * * *", "UTC", "2024-03-04T00:07:00Z", "2024-03-04T00:15:00Z"},
      {"5-50/20 9-17/4 * * MON-FRI", "UTC", "2024-03-08T13:25:00Z", "2024-03-08T13:45:00Z"},
      {"5-50/20 9-17/4 * * MON-FRI", "UTC", "2024-03-08T17:45:00Z", "2024-03-11T09:05:00Z"},
      {"0,30 8,20 * JAN,jul *", "UTC", "2024-01-31T20:30:00Z", "2024-07-01T08:00:00Z"},
      {"  0\t2  * * 1 ", "UTC", "2024-03-04T00:00:00Z", "2024-03-04T02:00:00Z"},
      {"0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"},
      // Both days restricted: either is enough. One begins with *: both must fit.
      {"0 0 13 * FRI", "UTC", "2024-03-11T00:00:00Z", "2024-03-13T00:00:00Z"},
      {"0 0 13 * FRI", "UTC", "2024-03-13T00:00:00Z", "2024-03-15T00:00:00Z"},
      {"0 0 */7 * FRI", "UTC", "2024-03-01T00:00:00Z", "2024-03-08T00:00:00Z"},
      {"0 0 */7 * FRI", "UTC", "2024-03-08T00:00:00Z", "2024-03-15T00:00:00Z"},
      {"0 0 */9 * FRI", "UTC", "2024-03-01T00:00:00Z", "2024-04-19T00:00:00Z"},
      // Zones: 02:00 in New York is 07:00Z in winter and 06:00Z in summer.
      {"0 2 * * *", "America/New_York", "2024-01-15T00:00:00Z", "2024-01-15T07:00:00Z"},
      {"0 2 * * *", "America/New_York", "2024-07-15T00:00:00Z", "2024-07-15T06:00:00Z"},
      {"30 2 * * *", "Asia/Kolkata", "2024-07-15T00:00:00Z", "2024-07-15T21:00:00Z"},
      // 2024-03-10: New York skips 02:00–03:00; due at the first instant after the gap.
      {"30 2 * * *", "America/New_York", "2024-03-10T00:00:00Z", "2024-03-10T07:00:00Z"},
      {"30 2 * * *", "America/New_York", "2024-03-10T07:00:00Z", "2024-03-11T06:30:00Z"},
      {"*/20 2,3 * * *", "America/New_York", "2024-03-10T06:59:00Z", "2024-03-10T07:00:00Z"},
      {"*/20 2,3 * * *", "America/New_York", "2024-03-10T07:00:00Z", "2024-03-10T07:20:00Z"},
      // 2024-11-03: New York shows 01:00–02:00 twice; due in the first pass only.
      {"30 1 * * *", "America/New_York", "2024-11-03T00:00:00Z", "2024-11-03T05:30:00Z"},
      {"30 1 * * *", "America/New_York", "2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"},
      {"30 1 * * *", "America/New_York", "2024-11-03T06:10:00Z", "2024-11-04T06:30:00Z"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(next(row.expression, row.zone, row.after), row.due)
        << row.expression << " (" << row.zone << ") after " << row.after;
  }
}

TEST(Cron, RefusesWhatIsNoSchedule) {
  struct Row {
    const char *expression, *zone, *says;
  };
  const Row rows[] = {
      {"", "UTC", "0 fields"},
      {"0 2 * *", "UTC", "4 fields"},
      {"0 2 * * * *", "UTC", "6 fields"},
      {"@daily", "UTC", "1 fields"},
      {"60 2 * * *", "UTC", "minute '60' is not a number from 0 to 59"},
      {"0 24 * * *", "UTC", "hour '24'"},
      {"0 2 0 * *", "UTC", "day of month '0'"},
      {"0 2 32 * *", "UTC", "day of month '32'"},
      {"0 2 * 13 *", "UTC", "month '13' is not a number from 1 to 12 or a name from JAN to DEC"},
      {"0 2 * * 8", "UTC", "day of week '8'"},
      {"0 2 * * SUNDAY", "UTC", "day of week 'SUNDAY'"},
      {"0 2 * * MON-", "UTC", "day of week ''"},
      {"-5 2 * * *", "UTC", "minute ''"},
      {"+5 2 * * *", "UTC", "minute '+5'"},
      {"1.5 2 * * *", "UTC", "minute '1.5'"},
      {"1,,2 2 * * *", "UTC", "minute ''"},
      {"*/0 2 * * *", "UTC", "the step after / is not a number from 1 on"},
      {"*/ 2 * * *", "UTC", "the step after /"},
      {"5/15 2 * * *", "UTC", "a step needs * or a range before it, as in 5-59/15"},
      {"50-10 2 * * *", "UTC", "the range ends before it begins"},
      {"0 2 30 FEB *", "UTC", "never fires"},
      {"0 2 31 4,6,9,11 *", "UTC", "never fires"},
      {"0 2 * * *", "Mars/Olympus", "Mars/Olympus"},
  };
  for (const Row& row : rows) {
    const auto schedule = CronSchedule::parse(row.expression, row.zone);
    ASSERT_FALSE(schedule) << row.expression;
    EXPECT_EQ(schedule.error().code, ErrorCode::bad_config);
    EXPECT_NE(schedule.error().message.find(row.says), std::string::npos) << schedule.error().message;
  }
  // A day of the week saves a date that never comes, as either is enough.
  EXPECT_TRUE(CronSchedule::parse("0 2 30 FEB MON", "UTC"));
}

// --- the oracle

struct Range {
  int min, max;
};
constexpr Range kRanges[5] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};

// An expression together with what it means, written down while it is made: the parser has no part in it.
struct Made {
  std::string text;
  bool values[5][64] = {};
  bool star[5] = {};
};

Made make_expression(Random& random) {
  static const char* const kDayNames[] = {"SUN", "mon", "TUE", "Wed", "THU", "FRI", "SAT"};
  Made made;
  for (int field = 0; field < 5; ++field) {
    const auto [min, max] = kRanges[field];
    const auto pick = [&](int low, int high) {
      return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
    };
    const auto word = [&](int value) {
      if (field == 4 && random.uniform() < 0.4) return std::string(kDayNames[value]);
      if (field == 4 && value == 0 && random.uniform() < 0.5) return std::string("7");
      return fmt::format("{}", value);
    };
    std::string text;
    // Days are left open more often, or a random schedule would hardly ever be due.
    if (random.uniform() < (field >= 2 ? 0.5 : 0.15)) {
      made.star[field] = true;
      const int step = random.uniform() < 0.3 ? pick(1, max / 2) : 1;
      text = step == 1 ? "*" : fmt::format("*/{}", step);
      for (int value = min; value <= max; value += step) made.values[field][value] = true;
    } else {
      const int parts = pick(1, 3);
      for (int part = 0; part < parts; ++part) {
        if (part > 0) text += ',';
        const int from = pick(min, max), to = pick(from, max);
        if (random.uniform() < 0.5) {
          text += word(from);
          made.values[field][from] = true;
        } else {
          const int step = pick(1, 5);
          // A range is written with plain numbers where 7 for Sunday would turn it round.
          text += fmt::format("{}-{}", from, to) + (step == 1 ? "" : fmt::format("/{}", step));
          for (int value = from; value <= to; value += step) made.values[field][value] = true;
        }
      }
    }
    made.text += (field == 0 ? "" : " ") + text;
  }
  return made;
}

bool matches(const Made& made, const CivilTime& local) {
  if (!made.values[0][local.minute] || !made.values[1][local.hour] || !made.values[3][local.month])
    return false;
  const bool day = made.values[2][local.day], weekday = made.values[4][local.weekday];
  return made.star[2] || made.star[4] ? day && weekday : day || weekday;
}

// Two years as a zone's clock shows them, minute by minute.
struct Walk {
  TimeMs from = 0;
  std::vector<CivilTime> shown;                                   // at from + i minutes
  std::vector<bool> repeated;                                     // shown a second time
  std::vector<std::pair<std::size_t, CivilTime>> skipped_before;  // local minutes that minute i jumped over
};

Walk walk(const TimeZone& zone, TimeMs from, TimeMs to) {
  Walk made{.from = from, .shown = {}, .repeated = {}, .skipped_before = {}};
  TimeMs furthest = time_from_civil(zone.to_local(from)) - kMinuteMs;
  for (TimeMs time = from; time < to; time += kMinuteMs) {
    const CivilTime local = zone.to_local(time);
    const TimeMs shown = time_from_civil(local);
    made.repeated.push_back(shown <= furthest);
    for (TimeMs skipped = furthest + kMinuteMs; skipped < shown; skipped += kMinuteMs) {
      made.skipped_before.emplace_back(made.shown.size(), civil_from_time(skipped));
    }
    furthest = std::max(furthest, shown);
    made.shown.push_back(local);
  }
  return made;
}

std::vector<TimeMs> due_by_walking(const Walk& walk, const Made& made) {
  std::set<std::size_t> by_gap;
  for (const auto& [minute, skipped] : walk.skipped_before) {
    if (matches(made, skipped)) by_gap.insert(minute);
  }
  std::vector<TimeMs> due;
  for (std::size_t i = 0; i < walk.shown.size(); ++i) {
    if ((!walk.repeated[i] && matches(made, walk.shown[i])) || by_gap.contains(i)) {
      due.push_back(walk.from + static_cast<TimeMs>(i) * kMinuteMs);
    }
  }
  return due;
}

class CronOracle : public testing::TestWithParam<const char*> {};

TEST_P(CronOracle, AgreesWithWalkingTwoYearsMinuteByMinute) {
  const TimeMs from = at("2023-09-15T00:00:00Z"), to = at("2025-09-15T00:00:00Z");
  const auto zone = TimeZone::find(GetParam());
  ASSERT_TRUE(zone);
  const Walk two_years = walk(*zone, from, to);
  Random random(20240229);
  int compared = 0;
  std::size_t instants = 0;
  while (compared < 50) {
    const Made made = make_expression(random);
    const auto schedule = CronSchedule::parse(made.text, GetParam());
    const std::vector<TimeMs> expected = due_by_walking(two_years, made);
    if (!schedule) {
      EXPECT_TRUE(expected.empty()) << made.text << ": " << schedule.error().message;
      continue;
    }
    ++compared;
    instants += expected.size();
    TimeMs time = from - 1;
    for (const TimeMs due : expected) {
      const TimeMs found = schedule->next_after(time);
      ASSERT_EQ(format_time(found), format_time(due)) << made.text << " after " << format_time(time);
      time = due;
    }
    EXPECT_GE(schedule->next_after(time), to) << made.text;
    // From anywhere, not only from one due instant to the next.
    for (int i = 0; i < 200; ++i) {
      const TimeMs anywhere = from + static_cast<TimeMs>(random.below(static_cast<std::uint64_t>(to - from)));
      const auto after = std::ranges::upper_bound(expected, anywhere);
      if (after == expected.end()) continue;
      ASSERT_EQ(format_time(schedule->next_after(anywhere)), format_time(*after))
          << made.text << " after " << format_time(anywhere);
    }
  }
  EXPECT_GT(instants, 10000u) << "the random schedules are hardly ever due: the oracle saw little";
}

INSTANTIATE_TEST_SUITE_P(Zones, CronOracle,
                         testing::Values("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata"),
                         [](const auto& zone) {
                           std::string name = zone.param;
                           std::ranges::replace(name, '/', '_');
                           return name;
                         });

}  // namespace
}  // namespace pawl::triggers
