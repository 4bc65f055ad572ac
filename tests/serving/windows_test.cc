// Predictions from posted windows: which bars, what is asked of them, and what comes of a weak signal. A9.
#include "serving/windows.h"

#include <cmath>

#include "domain/feature_frame.h"
#include "domain/resampler.h"
#include "features/bars_for_features.h"
#include "serving/fixed_version.h"
#include "support/walk_bars.h"

namespace pawl::serving {
namespace {

using test::fixed_version;

void post(PostedWindows& posted, Timeframe timeframe, const BarSeries& bars) {
  PostedWindow& window = posted.add(timeframe);
  window.resize(bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    window.open_time[i] = bars.open_time(i);
    window.close_time[i] = bars.close_time(i);
    window.open[i] = bars.open(i);
    window.high[i] = bars.high(i);
    window.low[i] = bars.low(i);
    window.close[i] = bars.close(i);
    window.volume[i] = bars.volume(i);
  }
}

// A market's newest bars, each window with its forming one.
PostedWindows posted_windows(const BarSeries& base) {
  PostedWindows posted;
  posted.set_symbol(*Symbol::parse("EUR_USD"));
  post(posted, kM5, base);
  for (const Timeframe timeframe : {kH1, kH4}) {
    BarSeries bars = resample(base, timeframe, MarketCalendar::utc_always());
    // Still forming when the last base bar is: it opens where the last closed one ends.
    Bar forming = bars.back();
    forming.open_time = std::exchange(forming.close_time, forming.close_time + timeframe.duration_ms());
    bars.append(forming);
    post(posted, timeframe, bars);
  }
  return posted;
}

BarSeries rising_bars(std::size_t count) {
  BarSeries bars;
  for (std::size_t i = 0; i < count; ++i) {
    const TimeMs open_time = pawl::test::kWalkStart + static_cast<TimeMs>(i) * kM5.duration_ms();
    const double close = 1 + 0.0001 * static_cast<double>(i) + (i % 3 == 0 ? 0.0001 : 0);
    bars.append(features::bar_at(open_time, kM5, close - 0.0001, close + 0.0001, close - 0.0002, close, 10));
  }
  return bars;
}

const std::vector<std::string> kSpecs = {"rsi(14)", "ema(12)@H1/close-1", "atr(14)@H4", "ret(3)"};
constexpr judging::SignalRule kTop = {.kind = judging::SignalRule::Kind::top_class, .min_probability = 0.45};

WindowRules rules_of(judging::SignalRule signal = kTop) {
  return {.base = kM5, .signal = signal, .min_candles = 50};
}

TEST(WindowPredictor, TheRowIsThatOfTheClosedBars) {
  const BarSeries bars = pawl::test::walk_bars(4, 4000, pawl::test::kWalkStart, kM5);
  const auto version = fixed_version({0.2, 0.2, 0.6}, kSpecs, kM5);
  WindowPredictor predictor(rules_of());
  const auto made = predictor.predict(*version, posted_windows(bars));
  ASSERT_TRUE(made) << made.error().message;
  const auto whole = features::rows_of(features::parse_list(kSpecs, kM5), bars.slice(0, 3999));
  ASSERT_EQ(made->row.size(), kSpecs.size());
  for (std::size_t i = 0; i < kSpecs.size(); ++i) {
    EXPECT_NEAR(made->row[i], whole.row(3998)[i], 1e-9 * std::max(1.0, std::fabs(made->row[i])));
    EXPECT_EQ(made->columns[i], version->bundle.features[i]);
  }
  EXPECT_EQ(made->columns_ready, 4u);
  EXPECT_EQ(made->candles_used, 3999u);
  EXPECT_EQ(made->prediction.features_digest, row_digest(made->row));
  EXPECT_EQ(made->prediction.known_at, bars.close_time(3998));
  EXPECT_EQ(made->prediction.bar_open_time, bars.open_time(3998));
  EXPECT_EQ(made->prediction.line, "forex-weekly/EUR_USD");
  EXPECT_EQ(made->prediction.symbol, "EUR_USD");
}

TEST(WindowPredictor, AStrongSignalWithTheTrendIsTraded) {
  WindowPredictor predictor(rules_of());
  const auto made =
      predictor.predict(*fixed_version({0.04, 0.05, 0.91}, kSpecs, kM5), posted_windows(rising_bars(4000)));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->prediction.side, Side::buy);
  EXPECT_EQ(made->raw_side, Side::buy);
  EXPECT_TRUE(made->should_trade);
  EXPECT_FALSE(made->quality_filtered);
  EXPECT_EQ(made->confidence, 0.91);
  EXPECT_EQ(made->quality.confidence, 1);
  EXPECT_EQ(made->quality.trend, 1) << "every average stands above the longer one";
  EXPECT_EQ(made->position_size, position_size_of(made->quality.score));
  EXPECT_GE(made->quality.score, 80);
}

TEST(WindowPredictor, AgainstTheTrendItIsFiltered) {
  WindowPredictor predictor(rules_of());
  const auto made =
      predictor.predict(*fixed_version({0.5, 0.3, 0.2}, kSpecs, kM5), posted_windows(rising_bars(4000)));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->raw_side, Side::sell) << "what the model said is kept";
  EXPECT_EQ(made->prediction.side, Side::hold);
  EXPECT_EQ(made->quality.trend, 0);
  EXPECT_LT(made->quality.score, 40);
  EXPECT_TRUE(made->quality_filtered);
  EXPECT_FALSE(made->should_trade);
  EXPECT_EQ(made->position_size, 0);
}

TEST(WindowPredictor, HoldIsNeverTraded) {
  WindowPredictor predictor(rules_of());
  for (const auto& answer : {std::vector{0.1, 0.8, 0.1}, std::vector{0.30, 0.29, 0.41}}) {
    const auto made =
        predictor.predict(*fixed_version(answer, kSpecs, kM5), posted_windows(rising_bars(4000)));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->prediction.side, Side::hold);
    EXPECT_FALSE(made->should_trade);
    EXPECT_TRUE(made->quality_filtered);
    EXPECT_TRUE(std::isfinite(made->quality.score));
  }
}

TEST(WindowPredictor, ASignalMayDependOnAnExpression) {
  WindowRules rules = rules_of();
  const auto version = fixed_version({0.04, 0.05, 0.91}, kSpecs, kM5);
  for (const auto& [where, side] : {std::pair{"ret(3)", Side::buy}, std::pair{"-ret(3)", Side::hold}}) {
    rules.signal_where = where;
    const auto made = WindowPredictor(rules).predict(*version, posted_windows(rising_bars(4000)));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->prediction.side, side) << where;
    EXPECT_EQ(made->row.size(), kSpecs.size());
  }
}

TEST(WindowPredictor, ShortAndMissingWindowsAreNamedAsTheClientCallsThem) {
  const auto version = fixed_version({0.4, 0.6}, kSpecs, kM5);
  const auto error_of = [&](WindowRules rules, const PostedWindows& posted) {
    const auto made = WindowPredictor(std::move(rules)).predict(*version, posted);
    EXPECT_FALSE(made);
    return made ? "" : made.error().message;
  };
  PostedWindows posted;
  posted.set_symbol(*Symbol::parse("EUR_USD"));
  const BarSeries bars = rising_bars(60);
  post(posted, kM5, bars);
  EXPECT_NE(error_of(rules_of(), posted).find("ohlcv_h1 is missing"), std::string::npos);
  post(posted, kH1, pawl::test::walk_bars(1, 49));
  EXPECT_EQ(error_of(rules_of(), posted), "ohlcv_h1: 49 candles, at least 50 are needed");
  WindowRules rules = rules_of();
  rules.client_windows = {{kH1, 40}};
  EXPECT_NE(error_of(rules, posted).find("ohlcv_h4 is missing"), std::string::npos) << "40 are enough there";
}

TEST(WindowPredictor, FewBarsGiveMissingValuesAndAFiniteAnswer) {
  WindowRules rules = rules_of();
  rules.min_candles = 2;
  PostedWindows posted;
  posted.set_symbol(*Symbol::parse("EUR_USD"));
  for (const Timeframe timeframe : {kM5, kH1, kH4}) {
    post(posted, timeframe, pawl::test::walk_bars(1, 2, pawl::test::kWalkStart, timeframe));
  }
  WindowPredictor predictor(rules);
  const auto made = predictor.predict(*fixed_version({0.1, 0.1, 0.8}, kSpecs, kM5), posted);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->columns_ready, 0u);
  EXPECT_TRUE(std::isnan(made->row[0]));
  EXPECT_TRUE(std::isfinite(made->quality.score));
  EXPECT_EQ(made->quality.trend, 0);
}

TEST(WindowPredictor, AVersionOfAnotherMarketsDayIsRefused) {
  auto version = fixed_version({0.4, 0.6}, kSpecs, kM5);
  version->bundle.features_hash = "of something else";
  const auto made = WindowPredictor(rules_of()).predict(*version, posted_windows(rising_bars(400)));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::conflict);
}

TEST(WindowPredictor, OneServesManyVersions) {
  WindowPredictor predictor(rules_of());
  const PostedWindows posted = posted_windows(rising_bars(4000));
  std::string first;
  for (int round = 0; round < 3; ++round) {
    for (int n = 2; n < 14; ++n) {
      const auto version = fixed_version({0.3, 0.7}, {fmt::format("sma({})/close", n), "rsi(14)@H1"}, kM5);
      const auto made = predictor.predict(*version, posted);
      ASSERT_TRUE(made);
      if (n == 2 && first.empty()) first = made->prediction.features_digest;
      if (n == 2) {
        EXPECT_EQ(made->prediction.features_digest, first);
      }
    }
  }
}

TEST(Quality, TiersAreThoseOfTheClient) {
  const auto score = [](double confidence, double atr_z) {
    return quality_of(Side::hold, confidence, {.stacks = {}, .rsi = 50, .roc = 0, .atr_z = atr_z});
  };
  for (const auto& [confidence, part] : {std::pair{0.86, 1.0}, std::pair{0.85, 0.8}, std::pair{0.76, 0.8},
                                         std::pair{0.75, 0.6}, std::pair{0.66, 0.6}, std::pair{0.65, 0.4},
                                         std::pair{0.56, 0.4}, std::pair{0.55, 0.2}, std::pair{0.1, 0.2}}) {
    EXPECT_EQ(score(confidence, 0).confidence, part) << confidence;
  }
  for (const auto& [z, part] : {std::pair{0.49, 1.0}, std::pair{-0.5, 0.8}, std::pair{1.0, 0.6},
                                std::pair{-1.5, 0.3}, std::pair{2.0, 0.1}, std::pair{std::nan(""), 0.1}}) {
    EXPECT_EQ(score(0.9, z).volatility, part) << z;
  }
  EXPECT_EQ(score(0.9, 0).score, 60);
  for (const auto& [points, size] : {std::pair{80.0, 1.0}, std::pair{79.99, 0.75}, std::pair{65.0, 0.75},
                                     std::pair{64.99, 0.5}, std::pair{50.0, 0.5}, std::pair{49.0, 0.25}}) {
    EXPECT_EQ(position_size_of(points), size) << points;
  }
}

TEST(Quality, TrendAndMomentumAgreeWithOneSideAtMost) {
  const double stacks[] = {0.1, 0.2, -0.1, 0, std::nan(""), 0.3};
  const MarketView view{.stacks = stacks, .rsi = 60, .roc = 1.5, .atr_z = 0};
  const Quality buy = quality_of(Side::buy, 0.9, view), sell = quality_of(Side::sell, 0.9, view);
  EXPECT_DOUBLE_EQ(buy.trend, 3.5 / 5);
  EXPECT_DOUBLE_EQ(sell.trend, 1.5 / 5);
  EXPECT_EQ(buy.momentum, 1);
  EXPECT_EQ(sell.momentum, 0);
  EXPECT_EQ(buy.score, 40 + 25 * 0.7 + 20 + 15);
  EXPECT_EQ(quality_of(Side::buy, 0.9, {.stacks = stacks, .rsi = 80, .roc = 1}).momentum, 0.75)
      << "stretched";
  const Quality nothing = quality_of(
      Side::buy, 0.9, {.stacks = {}, .rsi = std::nan(""), .roc = std::nan(""), .atr_z = std::nan("")});
  EXPECT_EQ(nothing.trend, 0);
  EXPECT_EQ(nothing.momentum, 0);
}

}  // namespace
}  // namespace pawl::serving
