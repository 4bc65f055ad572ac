// From rows to bars: clocks that turn, rows that repeat or contradict, bars that are not finished.
#include <gtest/gtest.h>

#include "market/formats/format.h"
#include "market/formats/made_up_bars.h"

namespace pawl::market::formats {
namespace {

Result<Imported> import(const std::string& text, const Named& named, BadRows bad_rows = BadRows::error,
                        const MarketCalendar& calendar = MarketCalendar::utc_always()) {
  const auto found = detect(text, "f.csv", named);
  if (!found) return propagate(found);
  EXPECT_TRUE(found->questions.empty()) << unanswered(*found, "f.csv").message;
  return read_bars(text, "f.csv", found->format,
                   {Symbol::parse("X").value(), found->format.timeframe, calendar}, bad_rows);
}

const char* const kHeader = "time,open,high,low,close,volume\n";

// One row a quarter of an hour, with a price that tells it apart.
std::string quarter(const char* time, int number) {
  return fmt::format("{},{},{},{},{},{}\n", time, 100 + number, 102 + number, 99 + number, 101 + number,
                     10 + number);
}

Named new_york() {
  return {.symbol = "X", .timeframe = "M15", .zone = "America/New_York", .time_is = "open"};
}

// The night of 2023-11-05: 01:00 to 01:45 twice.
const std::vector<const char*> kNight = {"2023-11-05 00:30", "2023-11-05 00:45", "2023-11-05 01:00",
                                         "2023-11-05 01:15", "2023-11-05 01:30", "2023-11-05 01:45",
                                         "2023-11-05 01:00", "2023-11-05 01:15", "2023-11-05 01:30",
                                         "2023-11-05 01:45", "2023-11-05 02:00", "2023-11-05 02:15"};

TEST(ReadTest, AnHourThatTheClockShowsTwiceIsTwoHours) {
  std::string text = kHeader;
  for (std::size_t i = 0; i < kNight.size(); ++i) text += quarter(kNight[i], static_cast<int>(i));
  const auto imported = import(text, new_york());
  ASSERT_TRUE(imported) << imported.error().message;
  const BarSeries& bars = imported->delivery.bars;
  ASSERT_EQ(bars.size(), 12u);
  EXPECT_EQ(imported->merged, 0);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    EXPECT_EQ(bars.open_time(i),
              parse_time("2023-11-05T04:30:00Z").value() + static_cast<int>(i) * 15 * kMinuteMs);
    EXPECT_EQ(bars.open(i), 100 + static_cast<int>(i));
  }
}

TEST(ReadTest, AlsoWhereTheNewestRowComesFirst) {
  std::string text = kHeader;
  for (std::size_t i = kNight.size(); i-- > 0;) text += quarter(kNight[i], static_cast<int>(i));
  const auto imported = import(text, new_york());
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_EQ(imported->delivery.bars.size(), 12u);
  EXPECT_EQ(imported->delivery.bars.open(6), 106);
  EXPECT_EQ(format_time(imported->delivery.bars.open_time(6)), "2023-11-05T06:00:00Z");
}

TEST(ReadTest, AnHourThatTheClockSkipsHoldsNoBar) {
  const std::string text = kHeader + quarter("2023-03-12 01:30", 0) + quarter("2023-03-12 01:45", 1) +
                           quarter("2023-03-12 03:00", 2) + quarter("2023-03-12 03:15", 3);
  const auto imported = import(text, new_york());
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_TRUE(imported->delivery.gaps.empty());
  EXPECT_EQ(format_time(imported->delivery.bars.open_time(2)), "2023-03-12T07:00:00Z");
  const auto wrong = import(text + quarter("2023-03-12 02:30", 4), new_york());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message,
            "f.csv:6: field \"time\": 2023-03-12T02:30:00 never showed on the clock America/New_York, which "
            "was put "
            "forward then; check --zone; fix the row, or leave bad rows out (--bad-rows skip)");
}

const Named kUtc{.symbol = "X", .timeframe = "M15", .zone = "UTC", .time_is = "open"};

TEST(ReadTest, WhatIsSaidTwiceCountsOnceAndContradictionsAreRefused) {
  const std::string rows = kHeader + quarter("2023-01-02 10:00", 0) + quarter("2023-01-02 10:15", 1) +
                           quarter("2023-01-02 10:30", 2) + quarter("2023-01-02 10:45", 3);
  const auto same = import(rows + quarter("2023-01-02 10:15", 1) + quarter("2023-01-02 11:00", 4), kUtc);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->delivery.bars.size(), 5u);
  EXPECT_EQ(same->merged, 1);
  for (const BadRows bad_rows : {BadRows::error, BadRows::skip}) {
    const auto other =
        import(rows + quarter("2023-01-02 10:15", 7) + quarter("2023-01-02 11:00", 4), kUtc, bad_rows);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, ErrorCode::bad_data);
    EXPECT_EQ(other.error().message.find(
                  "f.csv:3 and f.csv:6: two different bars at 2023-01-02T10:15:00Z: close 102 "
                  "and 108"),
              0u)
        << other.error().message;
  }
}

TEST(ReadTest, StampsOfTheCloseAreShiftedByABar) {
  Named named = kUtc;
  named.time_is = "close";
  const auto imported =
      import(kHeader + quarter("2023-01-02 10:15", 0) + quarter("2023-01-02 10:30", 1), named);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(format_time(imported->delivery.bars.open_time(0)), "2023-01-02T10:00:00Z");
  EXPECT_EQ(format_time(imported->delivery.bars.close_time(0)), "2023-01-02T10:15:00Z");
}

std::string many_rows(int count) {
  return kHeader +
         test::lines(test::walk(parse_time("2023-01-02").value(), kMinuteMs, count, 50), [](const Bar& b) {
           return fmt::format("{},{},{},{},{},{}", b.open_time, b.open, b.high, b.low, b.close, b.volume);
         });
}
const Named kEpoch{.symbol = "X"};

TEST(ReadTest, TheNewestBarIsLeftOutWhereItIsUnfinished) {
  const TimeMs next = parse_time("2023-01-02T01:00:00Z").value();
  const auto silent = import(many_rows(60) + fmt::format("{},50,50,50,50,0\n", next), kEpoch);
  ASSERT_TRUE(silent) << silent.error().message;
  EXPECT_TRUE(silent->unfinished);
  EXPECT_EQ(silent->delivery.bars.size(), 60u);
  EXPECT_NE(silent->delivery.notes.front().find("no volume"), std::string::npos);
  // A live row carries the time of the last trade.
  const auto live = import(many_rows(60) + fmt::format("{},50,51,49,50,7\n", next + 37 * kSecondMs), kEpoch);
  ASSERT_TRUE(live) << live.error().message;
  EXPECT_TRUE(live->unfinished);
  EXPECT_EQ(live->delivery.bars.size(), 60u);
  const auto whole = import(many_rows(60) + fmt::format("{},50,51,49,50,7\n", next), kEpoch);
  EXPECT_FALSE(whole->unfinished);
  EXPECT_EQ(whole->delivery.bars.size(), 61u);
}

TEST(ReadTest, ARowThatIsCutShortOrNoBarIsNamed) {
  const std::string rows = many_rows(60);
  const TimeMs next = parse_time("2023-01-02T01:00:00Z").value();
  const auto message = [&](const std::string& row) {
    const auto imported =
        import(rows + row + "\n" + fmt::format("{},50,51,49,50,7\n", next + 2 * kMinuteMs), kEpoch);
    return imported ? std::string("none") : imported.error().message;
  };
  EXPECT_NE(message(fmt::format("{},50,51,49", next)).find("f.csv:62: \""), std::string::npos);
  EXPECT_NE(message(fmt::format("{},50,51,49", next)).find("has 4 cells, other rows have 6"),
            std::string::npos);
  EXPECT_EQ(message(fmt::format("{},50,49,51,50,7", next)).find("f.csv:62: field \"high\": "), 0u);
  EXPECT_EQ(
      message(fmt::format("{},50,x,49,50,7", next)).find("f.csv:62: field \"high\": \"x\" is not a number"),
      0u);
  EXPECT_EQ(message("soon,50,51,49,50,7").find("f.csv:62: field \"time\": \"soon\" is no time"), 0u);
  const auto skipped =
      import(rows + "soon,50,51,49,50,7\n" + fmt::format("{},50,51,49,50,7\n", next), kEpoch, BadRows::skip);
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->delivery.bad_rows, 1);
  EXPECT_EQ(skipped->delivery.bars.size(), 61u);
}

TEST(ReadTest, NullRowsAreCountedAndAHalfRowIsBad) {
  const std::string rows =
      "Date,Open,High,Low,Close,Adj Close,Volume\n"
      "2023-01-02,10,12,9,11,5.5,5\n2023-01-03,null,null,null,null,null,null\n"
      "2023-01-04,11,12,9,10,5,6\n2023-01-05,11,12,9,10,5,6\n2023-01-06,11,12,9,10,5,6\n";
  const auto imported = import(rows, {.symbol = "X", .timeframe = "D1"});
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->null_rows, 1);
  EXPECT_EQ(imported->delivery.bars.size(), 4u);
  const auto adjusted = import(rows, {.symbol = "X", .timeframe = "D1", .adjusted = true});
  EXPECT_DOUBLE_EQ(adjusted->delivery.bars.open(0), 5);
  EXPECT_DOUBLE_EQ(adjusted->delivery.bars.close(0), 5.5);
  EXPECT_FALSE(import(rows + "2023-01-09,11,null,9,10,5,6\n2023-01-10,11,12,9,10,5,6\n",
                      {.symbol = "X", .timeframe = "D1"}));
}

TEST(ReadTest, DaysFollowTheMarketsCalendar) {
  const MarketCalendar shares = MarketCalendar::make("America/New_York 16:00", "09:30-16:00").value();
  const std::string rows =
      "Date,Open,High,Low,Close,Adj Close,Volume\n2023-01-03,10,12,9,11,11,5\n"
      "2023-01-04,11,12,9,10,10,6\n2023-01-05,11,12,9,10,10,6\n2023-01-06,11,12,9,10,10,6\n";
  const auto imported = import(rows, {.symbol = "X"}, BadRows::error, shares);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(format_time(imported->delivery.bars.close_time(0)), "2023-01-03T21:00:00Z");
  // A day that is stamped in UTC with New York's midnight is that date's.
  const std::string stamped =
      "t,o,h,l,c,v\n2023-01-03T05:00:00Z,10,12,9,11,5\n2023-01-04T05:00:00Z,11,12,9,10,6\n"
      "2023-01-05T05:00:00Z,11,12,9,10,6\n2023-01-06T05:00:00Z,11,12,9,10,6\n";
  const auto alpaca = import(stamped, {.symbol = "X", .time_is = "open"}, BadRows::error, shares);
  ASSERT_TRUE(alpaca) << alpaca.error().message;
  EXPECT_EQ(format_time(alpaca->delivery.bars.close_time(0)), "2023-01-03T21:00:00Z");
}

TEST(ReadTest, BarsOfFourHoursNeedTheirServersGrid) {
  std::string text = "Date,open,high,low,close,tick_volume\n";
  for (int i = 0; i < 30; ++i) {
    text += fmt::format("2023-01-{:02} {:02}:00:00,1.1,1.3,1,1.2,{}\n", 9 + i / 6, i % 6 * 4, 100 + i);
  }
  const Named named{.symbol = "EURUSD", .zone = "New York+7h"};
  const auto found = detect(text, "f.csv", named);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(own_calendar(found->format).day_anchor(), "America/New_York 17:00");
  const auto utc = import(text, named);
  ASSERT_FALSE(utc);
  EXPECT_NE(utc.error().message.find("day_anchor (\"UTC 00:00\")"), std::string::npos) << utc.error().message;
  const auto own = import(text, named, BadRows::error, own_calendar(found->format));
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(format_time(own->delivery.bars.open_time(0)), "2023-01-08T22:00:00Z");
}

TEST(ReadTest, PawlsOwnFormAndAClearOneAreReadForAKnownMarket) {
  const Request request{Symbol::parse("BTCUSDT").value(), kM1, MarketCalendar::utc_always()};
  const auto own = read_bar_file("time,open,high,low,close,volume\n2023-01-02T00:00:00Z,10,12,9,11,5\n",
                                 "f.csv", request, BadRows::error);
  ASSERT_TRUE(own) << own.error().message;
  const auto other = read_bar_file(many_rows(30), "f.csv", request, BadRows::error);
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(other->bars.size(), 30u);
  const auto open = read_bar_file(kHeader + quarter("2023-01-02 10:00", 0) + quarter("2023-01-02 10:01", 1),
                                  "f.csv", request, BadRows::error);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, ErrorCode::bad_data);
  EXPECT_NE(open.error().message.find("--zone"), std::string::npos) << open.error().message;
}

// Rule one: nothing of a bar depends on rows that come after it.
TEST(ReadTest, LaterRowsChangeNoEarlierBar) {
  const std::string rows = many_rows(400);
  const std::string half = rows.substr(0, rows.find('\n', rows.size() / 2) + 1);
  const auto all = import(rows, kEpoch), first = import(half, kEpoch);
  ASSERT_TRUE(all && first);
  ASSERT_LT(first->delivery.bars.size(), all->delivery.bars.size());
  for (std::size_t i = 0; i < first->delivery.bars.size(); ++i) {
    ASSERT_EQ(first->delivery.bars[i], all->delivery.bars[i]);
  }
}

}  // namespace
}  // namespace pawl::market::formats
