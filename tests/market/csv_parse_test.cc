#include <gtest/gtest.h>

#include "base/gzip.h"
#include "market/sources/csv.h"

namespace pawl::market {
namespace {

const std::string kHeader = "time,open,high,low,close,volume\n";
const std::string kFirst = "2023-01-02T00:00:00Z,10,12,9,11,5\n";

Request request(Timeframe timeframe = kM5, MarketCalendar calendar = MarketCalendar::utc_always()) {
  return {Symbol::parse("BTC/USDT").value(), timeframe, std::move(calendar)};
}

Result<Delivery> parse(const std::string& text, BadRows bad_rows = BadRows::error) {
  return parse_csv(text, "btc.csv", request(), bad_rows);
}

std::string message(const std::string& text) {
  const Result<Delivery> delivery = parse(text);
  if (delivery) return "no error";
  EXPECT_EQ(delivery.error().code, ErrorCode::bad_data);
  return delivery.error().message;
}

// The second row of a file whose first is good.
std::string row_message(const std::string& row) {
  return message(kHeader + kFirst + row + "\n");
}

TEST(CsvParseTest, ReadsBarsAndTheirClosesFromTheCalendar) {
  const Result<Delivery> delivery =
      parse(kHeader + kFirst + "2023-01-02T00:05:00Z,11,11.5,10.25,1.1e1,0.5\n");
  ASSERT_TRUE(delivery) << delivery.error().message;
  ASSERT_EQ(delivery->bars.size(), 2u);
  const Bar bar = delivery->bars[1];
  EXPECT_EQ(format_time(bar.open_time), "2023-01-02T00:05:00Z");
  EXPECT_EQ(format_time(bar.close_time), "2023-01-02T00:10:00Z");
  EXPECT_EQ(bar.open, 11);
  EXPECT_EQ(bar.high, 11.5);
  EXPECT_EQ(bar.low, 10.25);
  EXPECT_EQ(bar.close, 11);
  EXPECT_EQ(bar.volume, 0.5);
  EXPECT_TRUE(delivery->has_volume);
  EXPECT_TRUE(delivery->gaps.empty());
}

TEST(CsvParseTest, LineEndsAndAByteOrderMarkAreFine) {
  const std::string second = "2023-01-02T00:05:00Z,10,12,9,11,5";
  std::string windows = "\xef\xbb\xbf" + kHeader + kFirst + second + "\n\n\n";
  for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2)
    windows.replace(at, 1, "\r\n");
  for (const std::string& text : {kHeader + kFirst + second, kHeader + kFirst + second + "\n\n", windows}) {
    const Result<Delivery> delivery = parse(text);
    ASSERT_TRUE(delivery) << delivery.error().message;
    EXPECT_EQ(delivery->bars.size(), 2u);
  }
}

TEST(CsvParseTest, GzipIsSeenFromTheBytes) {
  const std::string packed = gzip(kHeader + kFirst);
  const Result<Delivery> delivery = parse(packed);
  ASSERT_TRUE(delivery) << delivery.error().message;
  EXPECT_EQ(delivery->bars.size(), 1u);
  for (std::size_t length = 2; length < packed.size(); length += 5) {
    EXPECT_EQ(message(packed.substr(0, length)).substr(0, 9), "btc.csv: ") << length;
  }
}

TEST(CsvParseTest, AFileThatIsNoBarFileSaysWhatItShouldBe) {
  EXPECT_EQ(message(""), "btc.csv: is empty; its first line must be time,open,high,low,close,volume");
  EXPECT_EQ(message(kHeader), "btc.csv: has a header and no rows; give a file with bars");
  EXPECT_EQ(message("Date,Open\n" + kFirst),
            "btc.csv:1: the header is \"Date,Open\"; it must be exactly time,open,high,low,close,volume");
  EXPECT_EQ(message(std::string("\xff\xfet\0i\0", 6)), "btc.csv: is UTF-16 text; save it as UTF-8");
}

TEST(CsvParseTest, ABadRowIsNamedByLineFieldValueReasonAndRemedy) {
  EXPECT_EQ(row_message("2023-01-02T00:05:00Z,10,8,9,9,5"),
            "btc.csv:3: field \"high\": \"8\" is below the low; fix the row, or set bad_rows: skip");
  EXPECT_EQ(row_message("2023-01-02T00:00:00Z,10,12,9,11,5"),
            "btc.csv:3: field \"time\": \"2023-01-02T00:00:00Z\" is the time of the row before; keep one of "
            "the two, or "
            "set bad_rows: skip");
  EXPECT_EQ(
      row_message("2023-01-02T00:07:00Z,10,12,9,11,5"),
      "btc.csv:3: field \"time\": \"2023-01-02T00:07:00Z\" is no opening time of a M5 bar; one opens at "
      "2023-01-02T00:05:00Z: check the file's timeframe and the market's day_anchor (\"UTC 00:00\"), or set "
      "bad_rows: skip");
}

TEST(CsvParseTest, EveryKindOfBadRowIsRefused) {
  struct Case {
    std::string row, expected;
  };
  const std::string time = "2023-01-02T00:05:00Z";
  const std::vector<Case> cases = {
      {time + ",nan,12,9,11,5", "field \"open\": \"nan\" is not a finite number"},
      {time + ",10,inf,9,11,5", "field \"high\": \"inf\" is not a finite number"},
      {time + ",10,12,-9,11,5", "field \"low\": \"-9\" is not above zero"},
      {time + ",10,12,9,0,5", "field \"close\": \"0\" is not above zero"},
      {time + ",10,12,9,13,5", "field \"high\": \"12\" is below the close"},
      {time + ",10,12,11,11,5", "field \"low\": \"11\" is above the open"},
      {time + ",10,12,9,11,-5", "field \"volume\": \"-5\" is negative"},
      {time + ",10,12,9,11,NaN", "field \"volume\": \"NaN\" is not a finite number"},
      {time + ",10,12,9,11,", "field \"volume\": \"\" is not a number"},
      {time + ",10,12,9, 11,5", "field \"close\": \" 11\" is not a number"},
      {time + ",10,12,9,11x,5", "field \"close\": \"11x\" is not a number"},
      {time + ",10,12,9,0x11,5", "field \"close\": \"0x11\" is not a number"},
      {time + ",10,1e999,9,11,5", "field \"high\": \"1e999\" is out of a number's range"},
      {time + ",10,12,9,11," + std::string("5\0", 2), "field \"volume\": \"5\\x00\" is not a number"},
      {time + ",10,12,9,11", "has 5 columns, not the 6"},
      {time + ",10,12,9,11,5,6", "has 7 columns, not the 6"},
      {"garbage", "has 1 column, not the 6"},
      {"", "has 1 column, not the 6"},
      {time + ",10,12,9,11," + std::string(600, '1'), "the line has 632 bytes, over 512"},
      {"2023-01-01T23:55:00Z,10,12,9,11,5", "is earlier than the row before (2023-01-02T00:00:00Z)"},
      {"2023-02-30T00:00:00Z,10,12,9,11,5", "is not a UTC time"},
      {"2023-01-02T24:05:00Z,10,12,9,11,5", "is not a UTC time"},
      {"2023-01-02T00:60:00Z,10,12,9,11,5", "is not a UTC time"},
      {"1672617900000,10,12,9,11,5", "is not a UTC time"},
      {"2023-01-02T00:05:00.001Z,10,12,9,11,5", "is no opening time"},
      {"9999-01-02T00:05:00Z,10,12,9,11,5", "is not between the years 1900 and 2200"},
  };
  for (const Case& c : cases) {
    const std::string found = message(kHeader + kFirst + c.row + "\n2023-01-02T00:10:00Z,10,12,9,11,5\n");
    EXPECT_EQ(found.substr(0, 11), "btc.csv:3: ") << found;
    EXPECT_NE(found.find(c.expected), std::string::npos) << found << "\nexpected: " << c.expected;
    EXPECT_NE(found.find("bad_rows: skip"), std::string::npos) << found;
  }
}

TEST(CsvParseTest, SkippedRowsAreCountedAndTheFirstFewNoted) {
  std::string text = kHeader + kFirst;
  for (int i = 0; i < 9; ++i) text += "rubbish\n";
  text += "2023-01-02T00:05:00Z,10,12,9,11,5\n";
  const Result<Delivery> delivery = parse(text, BadRows::skip);
  ASSERT_TRUE(delivery) << delivery.error().message;
  EXPECT_EQ(delivery->bars.size(), 2u);
  EXPECT_EQ(delivery->bad_rows, 9);
  ASSERT_EQ(delivery->notes.size(), 5u);
  EXPECT_EQ(delivery->notes[0].substr(0, 22), "btc.csv:3: \"rubbish\" h");
  const Result<Delivery> nothing = parse(kHeader + "rubbish\nrubbish\n", BadRows::skip);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().message.substr(0, 40), "btc.csv: all 2 rows are bad; the first: ");
}

TEST(CsvParseTest, HolesAreReportedAndNeverFilled) {
  const Result<Delivery> delivery = parse(kHeader + kFirst + "2023-01-02T00:20:00Z,10,12,9,11,0\n");
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->bars.size(), 2u);
  ASSERT_EQ(delivery->gaps.size(), 1u);
  EXPECT_EQ(format_time(delivery->gaps[0].after), "2023-01-02T00:05:00Z");
  EXPECT_EQ(format_time(delivery->gaps[0].before), "2023-01-02T00:20:00Z");
}

TEST(CsvParseTest, ADailyDateIsTheMarketDayOfThatDate) {
  const MarketCalendar new_york = MarketCalendar::make("America/New_York 16:00", "09:30-16:00").value();
  const std::string text = kHeader + "2019-03-08T00:00:00Z,10,12,9,11,5\n2019-03-11T00:00:00Z,10,12,9,11,5\n";
  const Result<Delivery> delivery = parse_csv(text, "SPY_1d.csv", request(kD1, new_york), BadRows::error);
  ASSERT_TRUE(delivery) << delivery.error().message;
  // Known at the session's close, in winter and in summer time.
  EXPECT_EQ(format_time(delivery->bars.close_time(0)), "2019-03-08T21:00:00Z");
  EXPECT_EQ(format_time(delivery->bars.close_time(1)), "2019-03-11T20:00:00Z");
  EXPECT_TRUE(delivery->gaps.empty());  // a weekend
  const std::string twice =
      kHeader + "2019-03-07T21:00:00Z,10,12,9,11,5\n2019-03-08T00:00:00Z,10,12,9,11,5\n";
  EXPECT_FALSE(parse_csv(twice, "SPY_1d.csv", request(kD1, new_york), BadRows::error));
}

TEST(CsvParseTest, AFileWithoutVolumeSaysSo) {
  const Result<Delivery> delivery = parse(kHeader + "2023-01-02T00:00:00Z,10,12,9,11,0\n");
  ASSERT_TRUE(delivery);
  EXPECT_FALSE(delivery->has_volume);
}

}  // namespace
}  // namespace pawl::market
