// Features of time: each against the calendar and the zone, asked anew at each bar.
#include "base/timezone.h"
#include "features/bars_for_features.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

constexpr double kTurn = 2 * 3.14159265358979323846;

TimeZone zone(const char* name) {
  return *TimeZone::find(name);
}

TEST(Clock, TurnsOncePerDayAndWeek) {
  const BarSeries bars = random_bars(1, 24 * 14, kH1, kMonday);
  const FeatureFrame frame = rows_of(parse_list({"hour_sin", "hour_cos", "day_sin", "day_cos"}), bars);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double hour = 2 * 3.14159265358979323846 * static_cast<double>(i % 24) / 24;
    const double day = 2 * 3.14159265358979323846 * static_cast<double>(i / 24 % 7) / 7;
    EXPECT_NEAR(frame.row(i)[0], std::sin(hour), 2e-15);
    EXPECT_NEAR(frame.row(i)[1], std::cos(hour), 2e-15);
    EXPECT_NEAR(frame.row(i)[2], std::sin(day), 2e-15);
    EXPECT_NEAR(frame.row(i)[3], std::cos(day), 2e-15);
  }
}

TEST(Clock, HoldsBefore1970) {
  const BarSeries bars = random_bars(1, 3, kH1, -kDayMs);  // Wednesday, 1969-12-31T00:00Z
  EXPECT_NEAR(values_of("day_sin", bars)[0], std::sin(2 * 3.14159265358979323846 * 2 / 7), 2e-15);
  EXPECT_EQ(values_of("hour_cos", bars)[0], 1);
}

// Through both changes of the clocks of 2024, in a zone and with hours of its own.
TEST(Clock, FollowsTheMarketsDayAndSession) {
  const auto calendar = MarketCalendar::make("America/New_York 17:00", "09:30-16:00");
  ASSERT_TRUE(calendar.has_value());
  const TimeZone local = zone("America/New_York");
  const Timeframe half = Timeframe::minutes(30);
  for (const TimeMs start : {kMonday + 65 * kDayMs, kMonday + 304 * kDayMs}) {
    const BarSeries bars = random_bars(2, 500, half, start);
    const FeatureFrame frame =
        rows_of(parse_list({"day_minutes", "day_part", "session_part", "local_hour_sin", "local_hour_cos"},
                           half, *calendar),
                bars);
    bool odd_day = false;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const TimeMs time = bars.open_time(i);
      const TimeSpan day = calendar->day(time);
      odd_day |= day.to - day.from != kDayMs;
      const CivilTime clock = local.to_local(time);
      const double minute = clock.hour * 60 + clock.minute;
      const auto gone = static_cast<double>(time - day.from);
      EXPECT_DOUBLE_EQ(frame.row(i)[0], gone / 60000);
      EXPECT_DOUBLE_EQ(frame.row(i)[1], gone / static_cast<double>(day.to - day.from));
      EXPECT_DOUBLE_EQ(frame.row(i)[2], std::clamp((minute - 570) / 390, 0.0, 1.0)) << format_time(time);
      EXPECT_NEAR(frame.row(i)[3], std::sin(kTurn * minute / 1440), 2e-15);
      EXPECT_NEAR(frame.row(i)[4], std::cos(kTurn * minute / 1440), 2e-15);
    }
    EXPECT_TRUE(odd_day) << "the clocks do not change there";
  }
}

TEST(Clock, TakesTheDayWhereTheSessionHasNoHours) {
  const BarSeries bars = random_bars(2, 100);
  EXPECT_EQ(values_of("session_part", bars), values_of("day_part", bars));
}

TEST(Clock, KnowsWhenTradingCentresAreOpen) {
  const BarSeries bars = random_bars(2, 24 * 400, kH1, kMonday);
  const FeatureFrame frame =
      rows_of(parse_list({"tokyo_session", "london_session", "new_york_session"}), bars);
  const TimeZone zones[] = {zone("Asia/Tokyo"), zone("Europe/London"), zone("America/New_York")};
  const int from[] = {9, 8, 8}, to[] = {18, 17, 17};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const CivilTime clock = zones[j].to_local(bars.open_time(i));
      const bool open =
          clock.weekday >= 1 && clock.weekday <= 5 && clock.hour >= from[j] && clock.hour < to[j];
      ASSERT_EQ(frame.row(i)[j], open ? 1 : 0) << format_time(bars.open_time(i)) << " " << zones[j].name();
    }
  }
}

TEST(Clock, PutsMonthsAndTheirDaysOnCircles) {
  const BarSeries bars = random_bars(2, 800, kD1, kMonday);
  const FeatureFrame frame =
      rows_of(parse_list({"month_sin", "month_cos", "month_day_sin", "month_day_cos"}, kD1), bars);
  const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const CivilTime day = civil_from_time(bars.open_time(i));
    const double length = day.month == 2 && day.year != 2024 ? 28 : lengths[day.month - 1];
    EXPECT_NEAR(frame.row(i)[0], std::sin(kTurn * (day.month - 1) / 12), 2e-15);
    EXPECT_NEAR(frame.row(i)[1], std::cos(kTurn * (day.month - 1) / 12), 2e-15);
    EXPECT_NEAR(frame.row(i)[2], std::sin(kTurn * (day.day - 1) / length), 2e-15);
    EXPECT_NEAR(frame.row(i)[3], std::cos(kTurn * (day.day - 1) / length), 2e-15);
  }
}

TEST(Clock, CountsFromTheEndOfTheLastGap) {
  const BarSeries source = random_bars(3, 40);
  BarSeries bars;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (i != 5 && (i < 20 || i > 29)) bars.append(source[i]);
  }
  const std::vector<double> values = values_of("gap_minutes(300)", bars);
  EXPECT_EQ(values[0], 300) << "where a series begins is no gap";
  EXPECT_EQ(values[4], 300);
  EXPECT_EQ(values[5], 0);  // source bar 6
  EXPECT_EQ(values[9], 240);
  EXPECT_EQ(values[10], 300);
  EXPECT_EQ(values[18], 300);
  EXPECT_EQ(values[19], 0);  // source bar 30
  EXPECT_EQ(values[20], 60);
}

}  // namespace

std::vector<std::string> oracles::of_clock() {
  return {"hour_sin",         "hour_cos",       "day_sin",        "day_cos",       "month_sin",
          "month_cos",        "month_day_sin",  "month_day_cos",  "day_minutes",   "day_part",
          "session_part",     "local_hour_sin", "local_hour_cos", "tokyo_session", "london_session",
          "new_york_session", "gap_minutes"};
}

}  // namespace pawl::features
