#include "market/formats/quality.h"

#include <gtest/gtest.h>

#include "market/formats/made_up_bars.h"
#include "market/sources/csv.h"
#include "support/test_files.h"

namespace pawl::market::formats {
namespace {

BarSeries series(const std::vector<Bar>& bars) {
  BarSeries all;
  for (const Bar& bar : bars) all.append(bar);
  return all;
}

const TimeMs kMonday = parse_time("2023-06-05").value();

// What a generator does that was written in an afternoon: every number drawn for itself.
std::vector<Bar> drawn(int count, bool even_volume) {
  Random random(5);
  std::vector<Bar> bars;
  double price = 490;
  for (int i = 0; i < count; ++i) {
    const double close = price + 0.1 * random.normal();
    const double volume =
        even_volume ? static_cast<double>(1000 + random.below(9000)) : std::exp(8 + random.normal());
    bars.push_back({.open_time = kMonday + i * kMinuteMs,
                    .close_time = kMonday + (i + 1) * kMinuteMs,
                    .open = price,
                    .high = std::max(price, close) + 0.1 * random.uniform(),
                    .low = std::min(price, close) - 0.1 * random.uniform(),
                    .close = close,
                    .volume = volume});
    price = close;
  }
  return bars;
}

TEST(QualityTest, NumbersDrawnOneByOneLookGenerated) {
  for (const bool even : {true, false}) {
    const auto flag = generated_bars(series(drawn(1600, even)));
    ASSERT_TRUE(flag);
    EXPECT_EQ(flag->check, "generated");
    EXPECT_NE(flag->text.find("random generator"), std::string::npos);
  }
  EXPECT_FALSE(generated_bars(series(drawn(100, true))));  // too few to tell
  EXPECT_FALSE(generated_bars(series(test::walk(kMonday, kMinuteMs, 1600))));
}

TEST(QualityTest, NoRealSeriesLooksGenerated) {
  const auto data = test::shared_data();
  if (!data) GTEST_SKIP() << test::kNoSharedData;
  struct File {
    const char* name;
    const char* anchor;
  };
  for (const File& file :
       {File{"minute/QQQ_1m_2025.csv.gz", "UTC 00:00"}, File{"minute/SPY_1m_2024.csv.gz", "UTC 00:00"},
        File{"crypto/BTCUSDT_1h.csv.gz", "UTC 00:00"}, File{"forex/EURUSD_M5_tickvol.csv.gz", "UTC 00:00"},
        File{"forex/EURUSD_H4_tickvol.csv.gz", "Europe/Athens 00:00"},
        File{"stocks/AAPL_1d.csv.gz", "UTC 00:00"}, File{"stocks/T_1d.csv.gz", "UTC 00:00"}}) {
    SCOPED_TRACE(file.name);
    const BarFile named = parse_bar_file_argument(file.name).value();
    const Request request{Symbol::parse(named.symbol).value(), named.timeframe,
                          MarketCalendar::make(file.anchor, "always").value()};
    const auto bars = parse_csv(test::read_file(*data / file.name), file.name, request, BadRows::error);
    ASSERT_TRUE(bars) << bars.error().message;
    // In slices too: a short file is no easier to acquit.
    for (std::size_t from = 0; from + 300 <= bars->bars.size();
         from += std::max<std::size_t>(300, bars->bars.size() / 40)) {
      EXPECT_FALSE(generated_bars(bars->bars.slice(from, from + 300))) << "from bar " << from;
    }
    EXPECT_FALSE(generated_bars(bars->bars));
    EXPECT_FALSE(closed_days(bars->bars, request.symbol, named.timeframe));
  }
}

TEST(QualityTest, DaysOnWhichNobodyTradesAreFlaggedForSharesOnly) {
  const auto weekdays = [](TimeMs time) {
    const int weekday = civil_from_time(time).weekday;
    return weekday != 0 && weekday != 6;
  };
  const auto open_days = [&](TimeMs time) {
    const std::string day = format_time(time).substr(0, 10);
    // 2023, less two that the vendor made up.
    for (const char* holiday : {"2023-01-02", "2023-01-16", "2023-02-20", "2023-04-07", "2023-07-04",
                                "2023-09-04", "2023-11-23", "2023-12-25"}) {
      if (day == holiday) return false;
    }
    return weekdays(time);
  };
  const TimeMs start = parse_time("2023-01-01").value();
  const BarSeries shares = series(test::walk(start, kDayMs, 250, 60, open_days));
  const auto flag = closed_days(shares, Symbol::parse("XEL").value(), kD1);
  ASSERT_TRUE(flag);
  EXPECT_EQ(flag->count, 2);
  EXPECT_NE(flag->text.find("2023-05-29 (Memorial Day), 2023-06-19 (Juneteenth)"), std::string::npos)
      << flag->text;
  // A market that trades on all of them is another one.
  const BarSeries abroad = series(test::walk(start, kDayMs, 250, 60, weekdays));
  EXPECT_FALSE(closed_days(abroad, Symbol::parse("BMW.DE").value(), kD1));
  EXPECT_FALSE(closed_days(shares, Symbol::parse("EURUSD").value(), kD1));
}

TEST(QualityTest, CopiesFrozenFlatAndJumpingBarsAreFlagged) {
  auto bars = test::walk(kMonday, kMinuteMs, 200, 50);
  EXPECT_TRUE(check_quality(series(bars), Symbol::parse("X").value(), kM1).empty());

  auto copied = bars;
  const auto times = [](Bar& bar, const Bar& from) {
    bar.open_time = from.open_time;
    bar.close_time = from.close_time;
  };
  copied[100] = copied[99];
  times(copied[100], bars[100]);
  ASSERT_TRUE(copied_bars(series(copied), kM1));
  EXPECT_NE(copied_bars(series(copied), kM1)->text.find("2023-06-05T01:40:00Z"), std::string::npos);

  auto frozen = bars;
  for (std::size_t i = 50; i < 62; ++i) {
    frozen[i].open = frozen[i].high = frozen[i].low = frozen[i].close = 50;
    frozen[i].volume = 0;
  }
  ASSERT_TRUE(frozen_bars(series(frozen)));
  EXPECT_EQ(frozen_bars(series(frozen))->count, 12);

  auto flat = bars;
  for (std::size_t i = 0; i < flat.size(); i += 4) flat[i].open = flat[i].high = flat[i].low = flat[i].close;
  ASSERT_TRUE(flat_bars(series(flat)));
  EXPECT_EQ(flat_bars(series(flat))->count, 50);

  auto split = bars;
  for (std::size_t i = 120; i < split.size(); ++i) {
    for (double* price : {&split[i].open, &split[i].high, &split[i].low, &split[i].close}) *price /= 2;
  }
  const auto jump = price_jumps(series(split), kM1);
  ASSERT_TRUE(jump);
  EXPECT_EQ(jump->count, 1);
  EXPECT_NE(jump->text.find("2023-06-05T02:00:00Z (-50"), std::string::npos) << jump->text;
}

}  // namespace
}  // namespace pawl::market::formats
