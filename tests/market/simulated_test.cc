#include "market/sources/simulated.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace pawl::market {
namespace {

// Share of bars whose move open[t+1] → open[t+1+h] has the sign that `side` says; over bars [first, last).
template <class Side>
double accuracy(const BarSeries& bars, std::size_t h, std::size_t first, std::size_t last, Side&& side) {
  double right = 0, count = 0;
  for (std::size_t t = first; t < std::min(last, bars.size() - h - 1); ++t) {
    const double move = bars.open(t + 1 + h) - bars.open(t + 1);
    right += move * side(t) > 0 ? 1 : 0;
    ++count;
  }
  return right / count;
}

double place_of_close(const BarSeries& bars, std::size_t t) {
  return (bars.close(t) - bars.low(t)) / (bars.high(t) - bars.low(t));
}

SimulatedSettings settings(std::int64_t bars) {
  SimulatedSettings s;
  s.bars = bars;
  return s;
}

void expect_same_bars(const BarSeries& a, const BarSeries& b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(a[i], b[i]) << i;
}

TEST(SimulatedTest, BarsAreValidTouchAndStartWhereAsked) {
  SimulatedSettings s = settings(20'000);
  s.volatility_regime_bars = 300;
  s.volatility_wild_ratio = 4;
  const BarSeries bars = simulate(s, 3).bars;
  ASSERT_EQ(bars.size(), 20'000u);
  EXPECT_EQ(format_time(bars.open_time(0)), "2020-01-01T00:00:00Z");
  EXPECT_EQ(bars.open(0), 10'000);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const BarFault fault = find_fault(bars[i]);
    ASSERT_FALSE(fault.any()) << i << " " << fault.field << " " << fault.reason;
    ASSERT_GT(bars.volume(i), 0);
    if (i > 0) {
      ASSERT_EQ(bars.open(i), bars.close(i - 1));
      ASSERT_EQ(bars.open_time(i), bars.close_time(i - 1));
    }
  }
}

TEST(SimulatedTest, TheBestAttainableAccuracyIsTwoThirds) {
  const Simulated simulated = simulate(settings(100'000), 3);
  const auto truth = [&](std::size_t t) { return simulated.truth.expected_side[t]; };
  const double best = accuracy(simulated.bars, 3, 0, 100'000, truth);
  // Φ(0.28·(1 + 0.9 + 0.81) / sqrt(3 + 0.28²·0.876)) = Φ(0.433): 0.667.
  EXPECT_NEAR(best, 0.667, 0.01);
}

TEST(SimulatedTest, WhatIsToBeExpectedShowsInTheBars) {
  const Simulated simulated = simulate(settings(100'000), 3);
  // A reader of the bars alone: buy where the close is in the upper half of its range.
  const auto visible = [&](std::size_t t) { return place_of_close(simulated.bars, t) > 0.5 ? 1 : -1; };
  const double seen = accuracy(simulated.bars, 3, 0, 100'000, visible);
  EXPECT_GT(seen, 0.65);
  EXPECT_LT(seen, 0.68);
  std::size_t agree = 0;
  for (std::size_t t = 0; t < 100'000; ++t) agree += visible(t) == simulated.truth.expected_side[t] ? 1 : 0;
  EXPECT_GT(agree, 99'000u);
}

TEST(SimulatedTest, WithoutAnEdgeNothingIsToBeExpected) {
  SimulatedSettings s = settings(50'000);
  s.edge = 0;
  const Simulated simulated = simulate(s, 3);
  for (const signed char side : simulated.truth.expected_side) ASSERT_EQ(side, 0);
  const auto visible = [&](std::size_t t) { return place_of_close(simulated.bars, t) > 0.5 ? 1 : -1; };
  EXPECT_NEAR(accuracy(simulated.bars, 3, 0, 50'000, visible), 0.5, 0.012);
}

TEST(SimulatedTest, AfterAFlipWhatWasRightIsWrong) {
  SimulatedSettings s = settings(30'000);
  s.flip_every_bars = 10'000;
  s.flip_jitter_bars = 200;
  const Simulated simulated = simulate(s, 3);
  ASSERT_EQ(simulated.truth.flips.size(), 2u + (simulated.truth.flips.back() > 25'000 ? 1 : 0));
  for (std::size_t k = 0; k < simulated.truth.flips.size(); ++k) {
    const auto off = static_cast<double>(simulated.truth.flips[k]) - 10'000.0 * static_cast<double>(k + 1);
    EXPECT_LE(std::abs(off), 200);
  }
  const auto visible = [&](std::size_t t) { return place_of_close(simulated.bars, t) > 0.5 ? 1 : -1; };
  const auto truth = [&](std::size_t t) { return simulated.truth.expected_side[t]; };
  const std::size_t first = simulated.truth.flips[0], second = simulated.truth.flips[1];
  EXPECT_GT(accuracy(simulated.bars, 3, 0, first - 3, visible), 0.64);
  EXPECT_LT(accuracy(simulated.bars, 3, first, second - 3, visible), 0.36);
  EXPECT_GT(accuracy(simulated.bars, 3, second, 29'000, visible), 0.64);
  EXPECT_GT(accuracy(simulated.bars, 3, 0, 30'000, truth), 0.65);
}

TEST(SimulatedTest, MoreBarsBeginWithTheSameBars) {
  SimulatedSettings s = settings(3000);
  s.flip_every_bars = 500;
  s.flip_jitter_bars = 100;
  s.volatility_regime_bars = 200;
  const Simulated little = simulate(s, 3);
  s.bars = 9000;
  const Simulated much = simulate(s, 3);
  expect_same_bars(little.bars, much.bars, 3000);
  for (std::size_t i = 0; i < 3000; ++i)
    ASSERT_EQ(little.truth.expected_side[i], much.truth.expected_side[i]) << i;
}

TEST(SimulatedTest, TheSeedDecidesAndNothingElse) {
  const SimulatedSettings s = settings(2000);
  expect_same_bars(simulate(s, 3).bars, simulate(s, 7).bars, 2000);
  SimulatedSettings other = s;
  other.seed = 2;
  EXPECT_NE(simulate(s, 3).bars.close(1999), simulate(other, 3).bars.close(1999));
}

TEST(SimulatedTest, RegimesAndVolumeGoTogether) {
  SimulatedSettings s = settings(20'000);
  s.volatility_regime_bars = 500;
  s.volatility_wild_ratio = 3;
  const BarSeries bars = simulate(s, 3).bars;
  double calm = 0, wild = 0, calm_volume = 0, wild_volume = 0;
  int calm_count = 0, wild_count = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double range = std::log(bars.high(i) / bars.low(i));
    const bool quiet = range < 0.0125;  // between the usual ranges of the two regimes
    (quiet ? calm : wild) += range;
    (quiet ? calm_volume : wild_volume) += bars.volume(i);
    ++(quiet ? calm_count : wild_count);
  }
  EXPECT_GT(calm_count, 4000);
  EXPECT_GT(wild_count, 4000);
  EXPECT_GT(wild / wild_count, 2 * calm / calm_count);
  EXPECT_GT(wild_volume / wild_count, 1.5 * calm_volume / calm_count);
}

TEST(SimulatedTest, GapsAreMissingTimesOnly) {
  SimulatedSettings s = settings(1000);
  const BarSeries whole = simulate(s, 3).bars;
  s.gap_every_bars = 100;
  const BarSeries holed = simulate(s, 3).bars;
  EXPECT_EQ(find_gaps(holed, s.calendar).size(), 9u);
  EXPECT_TRUE(find_gaps(whole, s.calendar).empty());
  for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(whole.close(i), holed.close(i));
}

TEST(SimulatedTest, BarsKeepToTheSession) {
  SimulatedSettings s = settings(3000);
  s.calendar = MarketCalendar::make("America/New_York 17:00", "weekdays").value();
  const BarSeries bars = simulate(s, 3).bars;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    ASSERT_TRUE(s.calendar.trades_within(bars.open_time(i), bars.close_time(i)));
  }
  EXPECT_TRUE(find_gaps(bars, s.calendar).empty());
}

TEST(SimulatedSourceTest, FetchGivesEachSymbolItsOwnBarsOfTheTimeframe) {
  const DataSourceKind* kind = find_data_source_kind("simulated");
  const Settings defaults = Settings::defaults(kind->schema);
  auto source = kind->make(defaults);
  ASSERT_TRUE(source) << source.error().message;
  const Request btc{Symbol::parse("BTC/USDT").value(), kH1, MarketCalendar::utc_always()};
  const Request eth{Symbol::parse("ETH/USDT").value(), kM5, MarketCalendar::utc_always()};
  const Result<Delivery> a = (*source)->fetch(btc, {}), b = (*source)->fetch(eth, {});
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->bars.size(), 20'000u);
  EXPECT_TRUE(a->has_volume);
  EXPECT_EQ(b->bars.close_time(0) - b->bars.open_time(0), 5 * kMinuteMs);
  EXPECT_NE(a->bars.close(100), b->bars.close(100));
  // The truth about what was fetched is there for those who ask for it.
  const Simulated known = simulate(settings_for(read_simulated_settings(defaults).value(), btc), 3);
  expect_same_bars(known.bars, a->bars, 20'000);
}

TEST(SimulatedSourceTest, SettingsThatDoNotFitAreBadConfig) {
  const DataSourceKind* kind = find_data_source_kind("simulated");
  for (const char* yaml :
       {"start: yesterday", "flip_every_bars: 100\nflip_jitter_bars: 50", "bars: 0", "edge: -1"}) {
    const Result<Settings> settings =
        Settings::read(kind->schema, parse_yaml(yaml, "t.yaml").value(), "source");
    const auto source = settings ? kind->make(*settings) : propagate(settings);
    ASSERT_FALSE(source) << yaml;
    EXPECT_EQ(source.error().code, ErrorCode::bad_config) << yaml;
  }
}

TEST(SimulatedSourceTest, APriceThatLeavesTheNumbersIsRefused) {
  const DataSourceKind* kind = find_data_source_kind("simulated");
  // 80,000 bars of 1 % are a factor of e^800.
  const auto yaml = parse_yaml("bars: 80000\ndrift_bp: 100", "t.yaml").value();
  auto source = kind->make(Settings::read(kind->schema, yaml, "source").value());
  ASSERT_TRUE(source);
  const Request request{Symbol::parse("BTC/USDT").value(), kH1, MarketCalendar::utc_always()};
  const Result<Delivery> delivery = (*source)->fetch(request, {});
  ASSERT_FALSE(delivery);
  EXPECT_EQ(delivery.error().code, ErrorCode::bad_config);
}

TEST(SourcesTest, KindsAreFoundByName) {
  EXPECT_EQ(data_source_kinds().size(), 2u);
  EXPECT_EQ(find_data_source_kind("csv")->name, "csv");
  EXPECT_EQ(find_data_source_kind("ftp"), nullptr);
  for (const DataSourceKind& kind : data_source_kinds()) {
    EXPECT_FALSE(kind.help.empty());
    EXPECT_TRUE(kind.make(Settings::defaults(kind.schema))) << kind.name;
  }
}

}  // namespace
}  // namespace pawl::market
