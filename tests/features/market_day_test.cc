// What is made of market days, against days that are cut anew at each bar, and by hand.
#include "features/level_oracle.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

void expect_value(double value, double wanted, const char* what, std::size_t bar) {
  ASSERT_EQ(std::isnan(value), std::isnan(wanted)) << what << " at " << bar << ": " << value << " " << wanted;
  if (!std::isnan(wanted)) {
    ASSERT_NEAR(value, wanted, 1e-9 * std::max(1.0, std::fabs(wanted))) << what << " at " << bar;
  }
}

double typical(const BarSeries& bars, std::size_t i) {
  return (bars.high(i) + bars.low(i) + bars.close(i)) / 3;
}

// Two passes over the day so far.
double sigma(const BarSeries& bars, std::size_t first, std::size_t last) {
  long double volume = 0, mean = 0, squares = 0;
  for (std::size_t i = first; i <= last; ++i) volume += bars.volume(i);
  for (std::size_t i = first; i <= last; ++i) mean += typical(bars, i) * bars.volume(i) / volume;
  for (std::size_t i = first; i <= last; ++i) {
    squares += (typical(bars, i) - mean) * (typical(bars, i) - mean) * bars.volume(i) / volume;
  }
  return static_cast<double>(std::sqrt(squares));
}

void expect_of_day(const BarSeries& bars, Timeframe timeframe, const MarketCalendar& calendar) {
  const LevelOracle oracle(bars, calendar, {});
  const std::vector<std::string> specs = {
      "pivot_r1",        "pivot_s1",      "pivot_r2",          "pivot_s2",         "vwap_sigma",
      "vwap_upper(2.5)", "vwap_lower(2)", "vwap_distance(14)", "opening_high(90)", "opening_low(90)"};
  const FeatureFrame frame = rows_of(parse_list(specs, timeframe, calendar), bars);
  const std::vector<double> atr = values_of("atr(14)", bars);
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::span<const double> row = frame.row(i);
    const auto prior = oracle.prior(i);
    const double p = prior ? (prior->high + prior->low + prior->close) / 3 : kNothing;
    expect_value(row[0], prior ? 2 * p - prior->low : kNothing, "pivot_r1", i);
    expect_value(row[1], prior ? 2 * p - prior->high : kNothing, "pivot_s1", i);
    expect_value(row[2], prior ? p + prior->high - prior->low : kNothing, "pivot_r2", i);
    expect_value(row[3], prior ? p - prior->high + prior->low : kNothing, "pivot_s2", i);
    const LevelOracle::Day today = oracle.today(i);
    const double vwap = oracle.vwap(i), deviation = std::isnan(vwap) ? kNothing : sigma(bars, today.first, i);
    expect_value(row[4], deviation, "vwap_sigma", i);
    expect_value(row[5], vwap + 2.5 * deviation, "vwap_upper", i);
    expect_value(row[6], vwap - 2 * deviation, "vwap_lower", i);
    expect_value(row[7], (bars.close(i) - vwap) / atr[i], "vwap_distance", i);
    const TimeMs end = bars.open_time(today.first) + 90 * kMinuteMs;
    double high = kNothing, low = kNothing;
    if (today.whole && bars.close_time(i) >= end) {
      high = bars.high(today.first);
      low = bars.low(today.first);
      for (std::size_t j = today.first; j <= i && bars.open_time(j) < end; ++j) {
        high = std::max(high, bars.high(j));
        low = std::min(low, bars.low(j));
      }
      ++ranges;
    }
    expect_value(row[8], high, "opening_high", i);
    expect_value(row[9], low, "opening_low", i);
  }
  EXPECT_GT(ranges, bars.size() / 2);
}

TEST(MarketDayFeatures, AgreeWithDaysCutAnew) {
  expect_of_day(random_bars(51, 1500), kH1, MarketCalendar::utc_always());
  expect_of_day(random_bars(52, 1500, kM15, kMonday + 5 * kHourMs, 1.1), kM15,
                *MarketCalendar::make("America/New_York 17:00", "weekdays"));
}

TEST(MarketDayFeatures, AgreeOnRealMinutes) {
  const auto bars = shared_bars("minute/QQQ_1m_2025.csv.gz", kM1, 3000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_of_day(*bars, kM1, *MarketCalendar::make("America/New_York 00:00", "09:30-16:00"));
}

TEST(RoundLevel, IsTheNearestMultipleOfWhatIsCoarseEnough) {
  // max(price / 200, 4 range) and the first of 1, 2, 5 times a power of ten from there on.
  const auto of = [](double price, double range) {
    BarSeries bars;
    bars.append(bar_at(kMonday, kH1, price, price + range, price, price, 1));
    return values_of("round_level(close,high-low)", bars)[0];
  };
  EXPECT_EQ(of(516.9, 0.25), 515);     // 5 ≥ 2.58
  EXPECT_EQ(of(1.1048, 0.0001), 1.1);  // 0.01 ≥ 0.0055
  EXPECT_EQ(of(1.1051, 0.0001), 1.11);
  EXPECT_EQ(of(64321, 400), 64000);  // 2000 ≥ 1600
  EXPECT_TRUE(std::isnan(of(-3, 1)));
}

TEST(RoundLevel, DistanceIsInRanges) {
  const BarSeries bars = random_bars(53, 400);
  const std::vector<double> atr = values_of("atr(14)", bars), values = values_of("round_distance(14)", bars);
  for (std::size_t i = 14; i < bars.size(); ++i) {
    const double step = std::strtod(LevelOracle::step_of(bars.close(i), atr[i]).c_str(), nullptr);
    const double nearest = std::floor(bars.close(i) / step + 0.5) * step;
    ASSERT_NEAR(values[i], (bars.close(i) - nearest) / atr[i], 1e-9) << i;
  }
}

}  // namespace

std::vector<std::string> oracles::of_day() {
  return {"pivot_r1",
          "pivot_s1",
          "pivot_r2",
          "pivot_s2",
          "vwap_sigma",
          "vwap_upper",
          "vwap_lower",
          "vwap_distance",
          "opening_high",
          "opening_low",
          "round_level(close,low)",
          "round_distance"};
}

}  // namespace pawl::features
