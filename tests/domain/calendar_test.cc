#include "domain/calendar.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace pawl {
namespace {

TimeMs at(std::string_view text) {
  return parse_time(text).value();
}

MarketCalendar calendar(std::string_view anchor, std::string_view session) {
  return MarketCalendar::make(anchor, session).value();
}
MarketCalendar forex() {
  return calendar("America/New_York 17:00", "weekdays");
}
MarketCalendar stocks() {
  return calendar("America/New_York 16:00", "09:30-16:00");
}

std::string text(const TimeSpan& span) {
  return format_time(span.from) + " " + format_time(span.to);
}

TEST(CalendarTest, UtcDaysAreMidnightToMidnight) {
  const MarketCalendar utc = MarketCalendar::utc_always();
  EXPECT_EQ(text(utc.bucket(kD1, at("2023-03-24T13:37:00Z"))), "2023-03-24T00:00:00Z 2023-03-25T00:00:00Z");
  EXPECT_EQ(text(utc.bucket(kH4, at("2023-03-24T13:37:00Z"))), "2023-03-24T12:00:00Z 2023-03-24T16:00:00Z");
  EXPECT_EQ(text(utc.bucket(kM5, at("1969-12-31T23:58:00Z"))), "1969-12-31T23:55:00Z 1970-01-01T00:00:00Z");
  EXPECT_EQ(text(utc.bucket(kW1, at("2023-03-24T13:37:00Z"))), "2023-03-20T00:00:00Z 2023-03-27T00:00:00Z");
}

TEST(CalendarTest, AForexDayBeginsAtFiveInNewYorkSummerAndWinter) {
  EXPECT_EQ(text(forex().bucket(kD1, at("2019-01-15T12:00:00Z"))),
            "2019-01-14T22:00:00Z 2019-01-15T22:00:00Z");
  EXPECT_EQ(text(forex().bucket(kD1, at("2019-07-15T12:00:00Z"))),
            "2019-07-14T21:00:00Z 2019-07-15T21:00:00Z");
  EXPECT_EQ(text(forex().bucket(kH4, at("2019-07-15T21:00:00Z"))),
            "2019-07-15T21:00:00Z 2019-07-16T01:00:00Z");
  EXPECT_EQ(text(forex().bucket(kH4, at("2019-07-15T20:59:59Z"))),
            "2019-07-15T17:00:00Z 2019-07-15T21:00:00Z");
}

TEST(CalendarTest, DaysOfClockChangeHave23And25Hours) {
  // 2019-03-10 and 2019-11-03, 02:00 in New York.
  const TimeSpan spring = forex().bucket(kD1, at("2019-03-10T12:00:00Z"));
  EXPECT_EQ(text(spring), "2019-03-09T22:00:00Z 2019-03-10T21:00:00Z");
  const TimeSpan autumn = forex().bucket(kD1, at("2019-11-03T12:00:00Z"));
  EXPECT_EQ(text(autumn), "2019-11-02T21:00:00Z 2019-11-03T22:00:00Z");
  // The last H4 bar of such a day ends with the day: 3 hours, and 1 hour of its own.
  EXPECT_EQ(text(forex().bucket(kH4, at("2019-03-10T20:30:00Z"))),
            "2019-03-10T18:00:00Z 2019-03-10T21:00:00Z");
  EXPECT_EQ(text(forex().bucket(kH4, at("2019-11-03T21:30:00Z"))),
            "2019-11-03T21:00:00Z 2019-11-03T22:00:00Z");
}

TEST(CalendarTest, WeeksBeginWithMondaysMarketDay) {
  // Sunday 17:00 in New York begins Monday.
  EXPECT_EQ(text(forex().bucket(kW1, at("2019-07-14T21:00:00Z"))),
            "2019-07-14T21:00:00Z 2019-07-21T21:00:00Z");
  EXPECT_EQ(text(forex().bucket(kW1, at("2019-07-14T20:59:00Z"))),
            "2019-07-07T21:00:00Z 2019-07-14T21:00:00Z");
  // The week of the clock change has 167 hours.
  EXPECT_EQ(text(forex().bucket(kW1, at("2019-03-08T00:00:00Z"))),
            "2019-03-03T22:00:00Z 2019-03-10T21:00:00Z");
}

TEST(CalendarTest, ADateBelongsToTheMarketDayThatHoldsItsNoon) {
  EXPECT_EQ(text(forex().day_of_date(at("2019-07-15"))), "2019-07-14T21:00:00Z 2019-07-15T21:00:00Z");
  // A stock's session of a date ends with the market day of that date: its bar is known at 16:00.
  EXPECT_EQ(text(stocks().day_of_date(at("2014-01-02"))), "2014-01-01T21:00:00Z 2014-01-02T21:00:00Z");
  EXPECT_EQ(text(calendar("America/New_York 09:30", "09:30-16:00").day_of_date(at("2014-01-02"))),
            "2014-01-02T14:30:00Z 2014-01-03T14:30:00Z");
  EXPECT_EQ(text(MarketCalendar::utc_always().day_of_date(at("2014-01-02"))),
            "2014-01-02T00:00:00Z 2014-01-03T00:00:00Z");
}

TEST(CalendarTest, BucketsTileTimeWithoutHolesInEveryZone) {
  for (const char* anchor :
       {"America/New_York 17:00", "Europe/Berlin 02:30", "Australia/Lord_Howe 00:00", "UTC 22:15",
        "Asia/Kolkata 09:15", "Pacific/Apia 00:00", "America/Sao_Paulo 00:00"}) {
    const MarketCalendar market = calendar(anchor, "always");
    CalendarCursor cursor(market);
    for (const int minutes : {5, 60, 240, 480, 1440, 10080}) {
      const Timeframe timeframe = Timeframe::minutes(minutes);
      TimeSpan span = market.bucket(timeframe, at("2011-11-01T00:00:00Z"));
      const TimeMs end = minutes < 60 ? at("2012-01-10T00:00:00Z") : at("2013-01-10T00:00:00Z");
      while (span.from < end) {
        const TimeSpan next = market.bucket(timeframe, span.to);
        ASSERT_EQ(next.from, span.to) << anchor << " " << timeframe.name() << " " << text(span);
        ASSERT_EQ(text(market.bucket(timeframe, next.to - 1)), text(next))
            << anchor << " " << timeframe.name();
        ASSERT_EQ(text(cursor.bucket(timeframe, span.to)), text(next)) << anchor << " " << timeframe.name();
        span = next;
      }
    }
  }
}

TEST(CalendarTest, ACursorGivesTheCalendarsAnswersInAnyOrder) {
  const MarketCalendar market = forex();
  CalendarCursor cursor(market);
  Random random(7);
  for (int i = 0; i < 5000; ++i) {
    const TimeMs time = at("2018-01-01") + static_cast<TimeMs>(random.below(2 * 365 * 24 * 3600)) * 1000;
    const Timeframe timeframe = Timeframe::minutes(i % 3 == 0 ? 10080 : i % 3 == 1 ? 1440 : 60);
    ASSERT_EQ(text(cursor.bucket(timeframe, time)), text(market.bucket(timeframe, time)));
  }
}

TEST(CalendarTest, AForexWeekIsOneSession) {
  const auto session = [](std::string_view time) { return forex().session_of(at(time)); };
  const std::int64_t week = session("2019-07-14T21:00:00Z");
  EXPECT_EQ(session("2019-07-19T20:59:59Z"), week);
  EXPECT_GT(session("2019-07-19T21:00:00Z"), week);  // the weekend has a number of its own
  EXPECT_EQ(session("2019-07-19T21:00:00Z"), session("2019-07-21T20:59:59Z"));
  EXPECT_GT(session("2019-07-21T21:00:00Z"), session("2019-07-21T20:59:59Z"));
}

TEST(CalendarTest, AStocksDayIsOneSession) {
  const auto session = [](std::string_view time) { return stocks().session_of(at(time)); };
  const std::int64_t tuesday = session("2019-07-16T13:30:00Z");
  EXPECT_EQ(session("2019-07-16T19:59:59Z"), tuesday);
  EXPECT_LT(session("2019-07-16T13:29:59Z"), tuesday);
  EXPECT_GT(session("2019-07-16T20:00:00Z"), tuesday);
  EXPECT_EQ(session("2019-07-16T20:00:00Z"), session("2019-07-17T13:00:00Z"));  // one night
  EXPECT_EQ(session("2019-07-19T20:00:00Z"), session("2019-07-22T13:00:00Z"));  // one weekend
  EXPECT_EQ(MarketCalendar::utc_always().session_of(at("2019-07-16T20:00:00Z")), 0);
}

TEST(CalendarTest, ItTradesOnlyWhileASessionIsOn) {
  const auto trades = [](const MarketCalendar& market, std::string_view from, std::string_view to) {
    return market.trades_within(at(from), at(to));
  };
  EXPECT_FALSE(trades(forex(), "2019-07-19T21:00:00Z", "2019-07-21T21:00:00Z"));
  EXPECT_TRUE(trades(forex(), "2019-07-19T20:59:59Z", "2019-07-21T21:00:00Z"));
  EXPECT_TRUE(trades(forex(), "2019-07-19T21:00:00Z", "2019-07-21T21:00:01Z"));
  EXPECT_TRUE(trades(forex(), "2019-07-19T22:00:00Z", "2019-07-29T00:00:00Z"));  // a week inside
  EXPECT_FALSE(trades(stocks(), "2019-07-16T20:00:00Z", "2019-07-17T13:30:00Z"));
  EXPECT_TRUE(trades(stocks(), "2019-07-16T20:00:00Z", "2019-07-17T13:30:01Z"));
  EXPECT_FALSE(trades(stocks(), "2019-07-20T00:00:00Z", "2019-07-21T00:00:00Z"));
  EXPECT_TRUE(trades(MarketCalendar::utc_always(), "2019-07-20T00:00:00Z", "2019-07-20T00:00:01Z"));
  EXPECT_FALSE(trades(MarketCalendar::utc_always(), "2019-07-20T00:00:00Z", "2019-07-20T00:00:00Z"));
}

TEST(CalendarTest, WhatIsNoCalendarIsRefusedWithTheRemedy) {
  const auto message = [](std::string_view anchor, std::string_view session) {
    const Result<MarketCalendar> made = MarketCalendar::make(anchor, session);
    EXPECT_TRUE(made || made.error().code == ErrorCode::bad_config);
    return made ? std::string() : made.error().message;
  };
  EXPECT_NE(message("UTC", "always").find("UTC 00:00"), std::string::npos);
  EXPECT_NE(message("UTC 24:00", "always"), "");
  EXPECT_NE(message("UTC 0:00", "always"), "");
  EXPECT_NE(message("Mars/Olympus 00:00", "always").find("Mars/Olympus"), std::string::npos);
  EXPECT_NE(message("UTC 00:00", "sometimes").find("weekdays"), std::string::npos);
  EXPECT_NE(message("UTC 00:00", "16:00-09:30"), "");
  EXPECT_EQ(message("UTC 00:00", "09:30-16:00"), "");
  EXPECT_EQ(forex().day_anchor(), "America/New_York 17:00");
  EXPECT_EQ(stocks().session(), "09:30-16:00");
}

}  // namespace
}  // namespace pawl
