// D10: outside values come with the time from which they were known, or not at all.
#include "market/outside_csv.h"

#include <gtest/gtest.h>

namespace pawl::market {
namespace {

TimeMs date(int year, int month, int day) {
  return time_from_civil({.year = year, .month = month, .day = day});
}

TEST(OutsideCsv, OfTwoColumnsIsASeriesWithTheNameOfItsFile) {
  const auto values = parse_outside_csv("date,value\r\n2020-01-02,1.88\r\n2020-01-03,.\r\n2020-01-06,1.81",
                                        "macro/DGS10.csv");
  ASSERT_TRUE(values.has_value()) << values.error().message;
  ASSERT_EQ(values->size(), 2U) << "a dot is a holiday, not a zero";
  EXPECT_EQ((*values)[0].name, "DGS10");
  EXPECT_EQ((*values)[0].symbol, "");
  EXPECT_TRUE((*values)[0].is_date);
  EXPECT_EQ((*values)[1].date, date(2020, 1, 6));
  EXPECT_EQ((*values)[1].value, 1.81);
}

TEST(OutsideCsv, OfFilingsHasAValueAFieldFromItsOwnTimeOn) {
  const auto values = parse_outside_csv(
      "symbol,known_at,pe_ratio,roe\nAAPL,2020-01-28T21:30:00Z,25.5,\nBRK.B,2020-02-22,,0.11\n",
      "filings.csv");
  ASSERT_TRUE(values.has_value()) << values.error().message;
  ASSERT_EQ(values->size(), 2U);
  EXPECT_EQ((*values)[0].symbol, "AAPL");
  EXPECT_EQ((*values)[0].name, "pe_ratio");
  EXPECT_EQ((*values)[0].date, date(2020, 1, 28) + 21 * kHourMs + 30 * kMinuteMs);
  EXPECT_FALSE((*values)[0].is_date);
  EXPECT_EQ((*values)[1].symbol, "BRK.B");
  EXPECT_EQ((*values)[1].name, "roe");
}

TEST(OutsideCsv, RefusesASnapshotThatDoesNotSayWhenItWasKnown) {
  const auto values = parse_outside_csv("symbol,pe_ratio,roe\nAAPL,25.5,0.6\n", "snapshot.csv");
  ASSERT_FALSE(values.has_value());
  EXPECT_EQ(values.error().code, ErrorCode::bad_data);
  EXPECT_NE(values.error().message.find("snapshot.csv:1:"), std::string::npos) << values.error().message;
  EXPECT_NE(values.error().message.find("look-ahead"), std::string::npos);
}

TEST(OutsideCsv, NamesFileLineAndField) {
  for (const auto& [text, part] :
       {std::pair<std::string, std::string>{"date,value\n2020-01-02,1,2\n",
                                            "x.csv:2: 3 fields where the header has 2"},
        {"date,value\n2020-13-02,1\n", "x.csv:2: field \"2020-13-02\""},
        {"date,value\n2020-01-02,one\n", "x.csv:2: field \"x\": \"one\" is no number"},
        {"date,value\n2020-01-02,inf\n", "is no number"},
        {"date,a,b\n2020-01-02,1,2\n", "give each series a file of its own"},
        {"date\n2020-01-02\n", "no column of values"},
        {"", "the file is empty"}}) {
    const auto values = parse_outside_csv(text, "x.csv");
    ASSERT_FALSE(values.has_value()) << text;
    EXPECT_NE(values.error().message.find(part), std::string::npos) << values.error().message;
  }
}

// A Friday's value that comes out on the next business day may be used from Tuesday midnight on.
TEST(OutsideCsv, ReleasesAtTheEndOfABusinessDay) {
  const TimeMs friday = date(2020, 1, 3);
  EXPECT_EQ(released_at(friday, 0), date(2020, 1, 4));
  EXPECT_EQ(released_at(friday, 1), date(2020, 1, 7));
  EXPECT_EQ(released_at(date(2020, 1, 1), 1), date(2020, 1, 3));
  EXPECT_EQ(released_at(date(2020, 1, 1), 45), date(2020, 3, 5));
}

}  // namespace
}  // namespace pawl::market
