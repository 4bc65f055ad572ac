#include "market/formats/nyse_days.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "market/sources/csv.h"
#include "support/test_files.h"

namespace pawl::market::formats {
namespace {

std::vector<std::string> holidays_of(int year) {
  std::vector<std::string> days;
  const TimeMs from = time_from_civil({.year = year}), to = time_from_civil({.year = year + 1});
  for (TimeMs day = from; day < to; day += kDayMs) {
    if (!nyse_holiday(day).empty()) days.push_back(format_time(day).substr(5, 5));
  }
  return days;
}

// As the exchange published them.
TEST(NyseDaysTest, AreThoseOfThePublishedCalendars) {
  using Days = std::vector<std::string>;
  EXPECT_EQ(holidays_of(2018),
            (Days{"01-01", "01-15", "02-19", "03-30", "05-28", "07-04", "09-03", "11-22", "12-05", "12-25"}));
  EXPECT_EQ(holidays_of(2021),
            (Days{"01-01", "01-18", "02-15", "04-02", "05-31", "07-05", "09-06", "11-25", "12-24"}));
  // No New Year's Day: it fell on a Saturday. The first Juneteenth, kept on Monday.
  EXPECT_EQ(holidays_of(2022),
            (Days{"01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"}));
  EXPECT_EQ(holidays_of(2023),
            (Days{"01-02", "01-16", "02-20", "04-07", "05-29", "06-19", "07-04", "09-04", "11-23", "12-25"}));
  EXPECT_EQ(holidays_of(2025), (Days{"01-01", "01-09", "01-20", "02-17", "04-18", "05-26", "06-19", "07-04",
                                     "09-01", "11-27", "12-25"}));
  EXPECT_TRUE(holidays_of(1997).empty());
}

// An oracle of two thousand days: a fund that trades on every day on which the exchange is open.
TEST(NyseDaysTest, AreTheDaysOnWhichRealBarsAreMissing) {
  const auto data = test::shared_data();
  if (!data) GTEST_SKIP() << test::kNoSharedData;
  const Request request{Symbol::parse("SPY").value(), kD1, MarketCalendar::utc_always()};
  const auto bars =
      parse_csv(test::read_file(*data / "stocks/SPY_1d.csv.gz"), "SPY", request, BadRows::error);
  ASSERT_TRUE(bars) << bars.error().message;
  const BarSeries& series = bars->bars;
  ASSERT_GT(series.size(), 1500u);
  std::size_t next = 0;
  for (TimeMs day = series.open_time(0); day <= series.back().open_time; day += kDayMs) {
    const bool traded = series.open_time(next) == day;
    const int weekday = civil_from_time(day).weekday;
    EXPECT_EQ(traded, weekday != 0 && weekday != 6 && nyse_holiday(day).empty()) << format_time(day);
    next += traded ? 1 : 0;
  }
}

}  // namespace
}  // namespace pawl::market::formats
