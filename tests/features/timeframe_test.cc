// Higher timeframes by hand: closed bars only, and from which base bar on each is used.
#include "features/bars_for_features.h"

namespace pawl::features {
namespace {

// Hourly bars whose close is their number, from the given hour on, without the hours in `missing`.
BarSeries counting_bars(TimeMs start, int count, const std::vector<int>& missing = {}) {
  BarSeries bars;
  for (int i = 0; i < count; ++i) {
    if (std::find(missing.begin(), missing.end(), i) != missing.end()) continue;
    const double price = 1 + i;
    bars.append(bar_at(start + i * kHourMs, kH1, price, price + 0.5, price - 0.5, price, 10 + i));
  }
  return bars;
}

constexpr double kNone = -1;

void expect_column(const std::string& spec, const BarSeries& bars, const std::vector<double>& wanted,
                   const MarketCalendar& calendar = MarketCalendar::utc_always()) {
  std::vector<double> values = column_of(rows_of(parse_list({spec}, kH1, calendar), bars), 0);
  for (double& value : values) value = std::isnan(value) ? kNone : value;
  EXPECT_EQ(values, wanted) << spec;
}

TEST(HigherTimeframe, ABarIsUsedFromTheBaseBarThatClosesItUntilTheNext) {
  const BarSeries bars = counting_bars(kMonday, 10);
  // 00:00–04:00 closes with the bar of 03:00, the fourth.
  expect_column("close@H4", bars, {kNone, kNone, kNone, 4, 4, 4, 4, 8, 8, 8});
  expect_column("open@H4", bars, {kNone, kNone, kNone, 1, 1, 1, 1, 5, 5, 5});
  expect_column("high@H4", bars, {kNone, kNone, kNone, 4.5, 4.5, 4.5, 4.5, 8.5, 8.5, 8.5});
  expect_column("low@H4", bars, {kNone, kNone, kNone, 0.5, 0.5, 0.5, 0.5, 4.5, 4.5, 4.5});
  expect_column("volume@H4", bars, {kNone, kNone, kNone, 46, 46, 46, 46, 62, 62, 62});
  expect_column("close-close@H4", bars, {kNone, kNone, kNone, 0, 1, 2, 3, 0, 1, 2});
}

TEST(HigherTimeframe, AKindCountsClosedHigherBars) {
  const BarSeries bars = counting_bars(kMonday, 13);
  expect_column("lag(close,1)@H4", bars, {kNone, kNone, kNone, kNone, kNone, kNone, kNone, 4, 4, 4, 4, 8, 8});
  expect_column("sma(2)@H4", bars, {kNone, kNone, kNone, kNone, kNone, kNone, kNone, 6, 6, 6, 6, 10, 10});
  // Outside the @, what was known at each base bar is the series.
  expect_column("lag(close@H4,1)", bars, {kNone, kNone, kNone, kNone, 4, 4, 4, 4, 8, 8, 8, 8, 12});
}

TEST(HigherTimeframe, ABeginningInTheMiddleMakesAShorterFirstBar) {
  expect_column("close@H4", counting_bars(kMonday + 2 * kHourMs, 7), {kNone, 2, 2, 2, 2, 6, 6});
}

TEST(HigherTimeframe, AnEndHiddenByAGapIsKnownWithTheFirstBarAfterIt) {
  // The hours 03:00 and 04:00 are missing: the bar 00:00–04:00 can be known only when 05:00 arrives.
  expect_column("close@H4", counting_bars(kMonday, 9, {3, 4}), {kNone, kNone, kNone, 3, 3, 8, 8});
  // Hours 03:00 to 06:00 are missing: with 07:00 two bars close at once, and the newer one counts.
  expect_column("close@H4", counting_bars(kMonday, 10, {3, 4, 5, 6}), {kNone, kNone, kNone, 8, 8, 8});
  expect_column("lag(close,1)@H4", counting_bars(kMonday, 10, {3, 4, 5, 6}), {kNone, kNone, kNone, 3, 3, 3});
}

TEST(HigherTimeframe, TheGridBeginsAtTheMarketsAnchor) {
  // 17:00 in New York is 22:00 UTC in January: H4 bars end at 22, 02, 06, 10 …
  const auto calendar = MarketCalendar::make("America/New_York 17:00", "always");
  ASSERT_TRUE(calendar.has_value());
  expect_column("close@H4", counting_bars(kMonday, 8), {kNone, 2, 2, 2, 2, 6, 6, 6}, *calendar);
}

TEST(HigherTimeframe, ReadyComesWithTheClosedBarsNotWithTheClock) {
  const FeatureList list = parse_list({"sma(2)@H4"});
  // Five hours are missing, so the second H4 bar closes with fewer base bars.
  const FeatureFrame frame = rows_of(list, counting_bars(kMonday, 10, {1, 2, 4, 5, 6}));
  EXPECT_EQ(frame.ready, (std::vector<std::uint8_t>{0, 0, 1, 1, 1}));
  EXPECT_TRUE(std::isnan(frame.row(1)[0]));
  EXPECT_EQ(frame.row(2)[0], 6);
}

}  // namespace
}  // namespace pawl::features
