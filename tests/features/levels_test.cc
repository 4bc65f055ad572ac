// E7: price levels with type, source and strength, each against a second implementation and by hand.
#include "features/level_oracle.h"
#include "features/oracles.h"
#include "support/future_check.h"

namespace pawl::features {
namespace {

const std::vector<std::string> kLevelSpecs = {"level_price(5,14,200)",
                                              "level_distance(5,14,200)",
                                              "level_strength(5,14,200)",
                                              "level_type(5,14,200)",
                                              "level_source(5,14,200)",
                                              "level_distance",
                                              "prior_day_high",
                                              "prior_day_low",
                                              "prior_day_close",
                                              "session_high",
                                              "session_low",
                                              "pivot_p",
                                              "vwap",
                                              "support_touches",
                                              "resistance_age",
                                              "level_distance@H4",
                                              "prior_day_high@H2"};

MarketCalendar calendar_of(const char* anchor, const char* session) {
  return *MarketCalendar::make(anchor, session);
}

void expect_value(double value, double wanted, double within, const char* what, std::size_t bar) {
  ASSERT_EQ(std::isnan(value), std::isnan(wanted)) << what << " at " << bar << ": " << value << " " << wanted;
  if (!std::isnan(wanted)) {
    ASSERT_NEAR(value, wanted, within) << what << " at " << bar;
  }
}

void expect_oracle(const BarSeries& bars, Timeframe timeframe, const MarketCalendar& calendar,
                   const LevelSettings& settings = {.lookback = 200}) {
  const LevelOracle oracle(bars, calendar, settings);
  const std::string p = fmt::format("({},{},{})", settings.swing_bars, settings.atr_bars, settings.lookback);
  const FeatureFrame frame =
      rows_of(parse_list({"session_high", "session_low", "prior_day_high", "prior_day_low", "prior_day_close",
                          "pivot_p", "vwap", "level_price" + p, "level_distance" + p, "level_strength" + p,
                          "level_type" + p, "level_source" + p, "support_distance" + p, "support_touches" + p,
                          "support_age" + p, "resistance_distance" + p, "resistance_touches" + p,
                          "resistance_age" + p},
                         timeframe, calendar),
              bars);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::size_t sources[kLevelSources] = {};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::span<const double> row = frame.row(i);
    const LevelOracle::Day today = oracle.today(i);
    expect_value(row[0], today.whole ? today.high : kNone, 0, "session_high", i);
    expect_value(row[1], today.whole ? today.low : kNone, 0, "session_low", i);
    const auto prior = oracle.prior(i);
    expect_value(row[2], prior ? prior->high : kNone, 0, "prior_day_high", i);
    expect_value(row[3], prior ? prior->low : kNone, 0, "prior_day_low", i);
    expect_value(row[4], prior ? prior->close : kNone, 0, "prior_day_close", i);
    expect_value(row[5], prior ? (prior->high + prior->low + prior->close) / 3 : kNone, 0, "pivot_p", i);
    expect_value(row[6], oracle.vwap(i), 0, "vwap", i);
    const std::optional<NearestLevel> level = oracle.nearest(i);
    expect_value(row[7], level ? level->price : kNone, 0, "level_price", i);
    expect_value(row[8], level ? level->distance_atr : kNone, 1e-9, "level_distance", i);
    expect_value(row[9], level ? level->strength : kNone, 1e-9, "level_strength", i);
    for (const LevelType side : {LevelType::support, LevelType::resistance}) {
      const std::size_t first = side == LevelType::support ? 12 : 15;
      const std::optional<LevelOnSide> nearest = oracle.on_side(i, side);
      const auto touches = nearest ? static_cast<double>(nearest->touches) : kNone;
      expect_value(row[first], nearest ? nearest->distance_atr : kNone, 1e-9, "distance on a side", i);
      expect_value(row[first + 1], touches, 0, "touches on a side", i);
      expect_value(row[first + 2], nearest ? nearest->age : kNone, 0, "age on a side", i);
    }
    if (!level) continue;
    ASSERT_EQ(row[10], level->type == LevelType::support ? 1 : -1) << i;
    ASSERT_EQ(row[11], static_cast<double>(level->source)) << i;
    ASSERT_GE(row[9], 0);
    ASSERT_LE(row[9], 100);
    ++sources[static_cast<std::size_t>(level->source)];
  }
  for (std::size_t i = 0; i < kLevelSources; ++i) {
    EXPECT_GT(sources[i], 0u) << "the nearest is never of " << name(static_cast<LevelSource>(i));
  }
}

TEST(LevelOracleTest, AgreesOnMadeUpBars) {
  expect_oracle(random_bars(41, 2500), kH1, MarketCalendar::utc_always());
  expect_oracle(random_bars(42, 2500, kM15, kMonday + 5 * kHourMs, 1.1), kM15,
                calendar_of("America/New_York 17:00", "weekdays"));
  expect_oracle(random_bars(43, 2500, kM5, kMonday + 59 * kDayMs, 6000), kM5,
                calendar_of("Europe/Berlin 09:30", "always"),
                {.swing_bars = 2, .atr_bars = 5, .lookback = 60});
}

TEST(LevelOracleTest, AgreesOnRealMinutes) {
  auto bars = shared_bars("minute/QQQ_1m_2025.csv.gz", kM1, 4000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_oracle(*bars, kM1, calendar_of("America/New_York 00:00", "09:30-16:00"));
}

TEST(LevelOracleTest, AgreesOnRealHours) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 4000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_oracle(*bars, kH1, MarketCalendar::utc_always());
}

TEST(Levels, NothingComesFromTheFuture) {
  const std::vector<std::size_t> cuts = {1, 5, 14, 15, 47, 48, 49, 201, 300, 301, 577};
  for (const auto& [anchor, session] :
       {std::pair{"UTC 00:00", "always"}, std::pair{"America/New_York 17:00", "weekdays"}}) {
    const FeatureList list = parse_list(kLevelSpecs, Timeframe::minutes(30), calendar_of(anchor, session));
    const auto leak = test::find_future_leak([&](const BarSeries& bars) { return rows_of(list, bars); },
                                             random_bars(22, 600, Timeframe::minutes(30)), cuts);
    EXPECT_FALSE(leak.has_value()) << anchor << ": " << leak->describe();
  }
}

TEST(Levels, NothingComesFromTheFutureOfRealMinutes) {
  const auto bars = shared_bars("minute/QQQ_1m_2025.csv.gz", kM1, 2000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  const std::vector<std::size_t> cuts = {389, 390, 391, 1000, 1999};
  const FeatureList list = parse_list(kLevelSpecs, kM1, calendar_of("America/New_York 00:00", "09:30-16:00"));
  const auto leak =
      test::find_future_leak([&](const BarSeries& all) { return rows_of(list, all); }, *bars, cuts);
  EXPECT_FALSE(leak.has_value()) << leak->describe();
}

TEST(Levels, AreTheSameBitsInBlocksAndAfterRestore) {
  const FeatureList list = parse_list(kLevelSpecs);
  const BarSeries bars = random_bars(44, 2500);
  const FeatureFrame whole = rows_of(list, bars);
  for (const std::size_t block : {1, 7, 1024}) {
    EXPECT_EQ(bit_difference(whole, rows_of(list, bars, {block})), "") << block;
  }
  for (const std::size_t cut : {0, 1, 5, 11, 24, 25, 300, 1999}) {
    FeatureFrame frame;
    const std::vector<std::size_t> blocks = {100};
    Engine first(list), second(list);
    advance(first, bars, 0, cut, blocks, frame);
    const std::string state = first.save();
    ASSERT_TRUE(second.load(state).has_value());
    EXPECT_EQ(second.save(), state);
    advance(second, bars, cut, bars.size(), blocks, frame);
    EXPECT_EQ(bit_difference(whole, frame), "") << cut;
  }
}

// Bars of one hour that touch nothing but their own closes, for a story that can be followed by eye.
BarSeries hours(const std::vector<double>& closes, double volume = 1) {
  BarSeries bars;
  for (std::size_t i = 0; i < closes.size(); ++i) {
    const double open = i == 0 ? closes[0] : closes[i - 1], close = closes[i];
    bars.append(bar_at(kMonday + static_cast<TimeMs>(i) * kHourMs, kH1, open, std::max(open, close),
                       std::min(open, close), close, volume));
  }
  return bars;
}

TEST(Levels, ASwingIsKnownOnlyWhenItsLastNeighbourHasClosed) {
  // The high of 103.7 stands at bar 3; with two neighbours it is a level from bar 5 on.
  const BarSeries bars = hours({101.1, 101.6, 102.4, 103.7, 102.9, 103.4, 103.5, 103.6}, 0);
  const std::vector<double> price = values_of("level_price(2,1,100)", bars);
  EXPECT_EQ(price[4], 105) << "nothing but round numbers, every 5 where an hour moves by 0.8";
  EXPECT_EQ(price[5], 103.7);
  EXPECT_EQ(values_of("level_type(2,1,100)", bars)[5], -1) << "above the close: resistance";
  EXPECT_EQ(values_of("level_source(2,1,100)", bars)[5], 0);
}

TEST(Levels, AnEqualHighLaterIsNoSecondSwing) {
  Swings swings(2, 100);
  const double highs[] = {1, 2, 5, 3, 5, 2, 1, 1};
  for (std::size_t i = 0; i < std::size(highs); ++i) swings.update(i, highs[i], highs[i] - 0.5, 0.01);
  ASSERT_EQ(swings.highs().size(), 1u);
  EXPECT_EQ(swings.highs()[0].made(), 2u);
}

TEST(Levels, TheirNumberIsBounded) {
  Swings swings(1, 1000);
  for (std::size_t i = 0; i < 500; ++i) {
    const double x = 100 + static_cast<double>(i % 2);
    swings.update(i, x + 1, x, 0.1);
  }
  EXPECT_EQ(swings.highs().size(), Swings::kMost);
  EXPECT_EQ(swings.lows().size(), Swings::kMost);
  ByteWriter state;
  swings.save(state);
  EXPECT_LT(state.bytes().size(), 2000u);
}

TEST(Levels, ASwingIsForgottenAfterTheLookback) {
  Swings swings(1, 10);
  for (std::uint64_t i = 0; i < 20; ++i) {
    swings.update(i, i == 3 ? 7 : 5, 4, 0.1);
    EXPECT_EQ(swings.highs().size(), i >= 4 && i <= 13 ? 1u : 0u) << i;
  }
}

TEST(Levels, ATouchIsAVisitNotABar) {
  TouchedLevel level(100, 0, 95, 99, 0.5);
  level.update(1, 99.4, 99.7, 0.5);
  level.update(2, 99.6, 100.2, 0.5);
  EXPECT_EQ(level.standing(LevelSource::swing, 2, 100).touches, 1u) << "two bars of one visit";
  level.update(3, 97, 98, 0.5);
  level.update(4, 100.5, 101, 0.5);
  const LevelStanding standing = level.standing(LevelSource::swing, 29, 100);
  EXPECT_EQ(standing.touches, 2u);
  EXPECT_DOUBLE_EQ(standing.recency, 0.75);
}

TEST(Levels, StrengthAddsUpFromItsTerms) {
  const auto score = [](LevelSource source, std::size_t touches, double recency, std::size_t others) {
    return strength_score(
        {.source = source, .touches = touches, .recency = recency, .other_sources = others});
  };
  EXPECT_DOUBLE_EQ(score(LevelSource::prior_day, 5, 1, 2), 100);
  EXPECT_DOUBLE_EQ(score(LevelSource::prior_day, 50, 1, 4), 100);
  EXPECT_DOUBLE_EQ(score(LevelSource::round_number, 0, 0, 0), 20);
  EXPECT_DOUBLE_EQ(score(LevelSource::swing, 2, 0.5, 1), 28 + 10 + 7.5 + 10);
  EXPECT_DOUBLE_EQ(score(LevelSource::pivot, 0, 1, 0), 32 + 15);
  EXPECT_DOUBLE_EQ(score(LevelSource::vwap, 0, 1, 0), 36 + 15);
}

TEST(Levels, ASignalIsAtALevelWithinAQuarterOfAnAtr) {
  EXPECT_TRUE(is_at_level(0.25));
  EXPECT_TRUE(is_at_level(-0.25));
  EXPECT_FALSE(is_at_level(0.26));
  EXPECT_TRUE(is_at_level(-0.9, 1));
  EXPECT_FALSE(is_at_level(std::nan("")));
}

TEST(Levels, SourcesHaveTheirNames) {
  EXPECT_EQ(name(LevelSource::swing), "swing");
  EXPECT_EQ(name(LevelSource::prior_day), "prior_day");
  EXPECT_EQ(name(LevelSource::pivot), "pivot");
  EXPECT_EQ(name(LevelSource::round_number), "round_number");
  EXPECT_EQ(name(LevelSource::vwap), "vwap");
  EXPECT_EQ(name(LevelType::support), "support");
  EXPECT_EQ(name(LevelType::resistance), "resistance");
}

TEST(RoundNumbers, AreWhatIsWritten) {
  struct Case {
    double price, atr, step, below, above;
  };
  const Case table[] = {{515.23, 0.3, 5, 515, 520},
                        {515.23, 1.25, 5, 515, 520},
                        {515.23, 1.26, 10, 510, 520},
                        {100, 0, 0.5, 100, 100.5},
                        {1.1, 0.0003, 0.01, 1.1, 1.11},
                        {1.2345, 0, 0.01, 1.23, 1.24},
                        {60123, 90, 500, 60000, 60500},
                        {7041, 80, 500, 7000, 7500},
                        {0.3, 0, 0.002, 0.3, 0.302},
                        {200, 0, 1, 200, 201},
                        {0.00012, 0, 0.000001, 0.00012, 0.000121},
                        {1e6, 0, 5000, 1e6, 1005000}};
  for (const Case& c : table) {
    const RoundStep step = round_step(c.price, c.atr);
    EXPECT_EQ(step.over / step.under, c.step) << c.price;
    EXPECT_EQ(step.below(c.price), c.below) << c.price;
    EXPECT_EQ(step.above(c.price), c.above) << c.price;
  }
  EXPECT_EQ(round_step(515, 0.1).nearest(517.4), 515);
  EXPECT_EQ(round_step(515, 0.1).nearest(517.6), 520);
  for (const double price : {1e-12, 5e-324, 1e30, 1.7e308}) {
    EXPECT_TRUE(std::isfinite(round_step(price, 0).over)) << price;
  }
}

TEST(RoundNumbers, AgreeWithTheWrittenListOfSteps) {
  Random random(6);
  for (int i = 0; i < 20000; ++i) {
    const double price = std::exp(std::log(0.01) + random.uniform() * std::log(1e7));
    const double atr = price * 0.02 * random.uniform() * random.uniform();
    const RoundStep step = round_step(price, atr);
    EXPECT_EQ(step.over / step.under, std::strtod(LevelOracle::step_of(price, atr).c_str(), nullptr))
        << price;
  }
}

TEST(Levels, WorkWithoutVolume) {
  const BarSeries source = random_bars(45, 400);
  BarSeries bars;
  for (std::size_t i = 0; i < source.size(); ++i) {
    Bar bar = source[i];
    bar.volume = 0;
    bars.append(bar);
  }
  const FeatureList list = parse_list({"level_source", "level_distance", "prior_day_high"});
  EXPECT_FALSE(list.needs_volume());
  const FeatureFrame frame = rows_of(list, bars);
  for (std::size_t i = 50; i < bars.size(); ++i) {
    EXPECT_FALSE(std::isnan(frame.row(i)[0]));
    EXPECT_NE(frame.row(i)[0], static_cast<double>(LevelSource::vwap));
  }
  EXPECT_TRUE(parse_list({"vwap"}).needs_volume());
  EXPECT_EQ(first_value(values_of("vwap", bars)), bars.size());
}

TEST(MarketDayTest, ADayWhoseBeginningWasNotSeenSaysNothing) {
  // From 5:00 on Monday: the rest of Monday is unknown, and so is the day before Tuesday.
  const BarSeries bars = random_bars(46, 100, kH1, kMonday + 5 * kHourMs);
  EXPECT_EQ(first_value(values_of("session_high", bars)), 19u);
  EXPECT_EQ(first_value(values_of("prior_day_close", bars)), 19u + 24u);
  // A market that opens at 5:00 has had no bar before.
  const FeatureList list =
      parse_list({"session_high", "prior_day_close"}, kH1, calendar_of("UTC 00:00", "05:00-22:00"));
  const FeatureFrame frame = rows_of(list, bars);
  EXPECT_EQ(first_value(column_of(frame, 0)), 0u);
  EXPECT_EQ(first_value(column_of(frame, 1)), 19u);
}

TEST(MarketDayTest, WarmUpHoldsWhereverTheSeriesBegins) {
  for (TimeMs start = kMonday; start < kMonday + kDayMs; start += kHourMs) {
    const FeatureList list = parse_list({"session_high", "prior_day_low"});
    const FeatureFrame frame = rows_of(list, random_bars(3, 100, kH1, start));
    ASSERT_EQ(list.warm_up_bars(), 48u);
    EXPECT_TRUE(frame.ready[47] != 0);
    EXPECT_FALSE(std::isnan(frame.row(47)[0]) || std::isnan(frame.row(47)[1])) << format_time(start);
  }
}

TEST(MarketDayTest, BarsADayFollowTheSessionAndTheTimeframe) {
  const auto most = [](Timeframe timeframe, const char* anchor, const char* session) {
    const MarketCalendar calendar = calendar_of(anchor, session);
    return most_bars_a_day({timeframe, calendar});
  };
  EXPECT_EQ(most(kM1, "America/New_York 00:00", "09:30-16:00"), 390u);
  EXPECT_EQ(most(kM1, "UTC 00:00", "always"), 1440u);
  EXPECT_EQ(most(kM5, "America/New_York 17:00", "weekdays"), 300u) << "an hour more in autumn";
  EXPECT_EQ(most(kH4, "UTC 00:00", "always"), 6u);
  EXPECT_EQ(most(kD1, "UTC 00:00", "always"), 1u);
  EXPECT_EQ(most(kW1, "UTC 00:00", "always"), 1u);
}

TEST(MarketDayTest, TheDayBeginsAtTheAnchorAlsoWhereTheClockChanges) {
  // New York 17:00 is 22:00 UTC in winter and 21:00 UTC in summer; 2024 changed on 10 March.
  const TimeMs start = kMonday + 67 * kDayMs + 22 * kHourMs;  // Friday 8 March, 22:00 UTC
  const BarSeries bars = random_bars(47, 100, kH1, start);
  const FeatureList list =
      parse_list({"prior_day_close"}, kH1, calendar_of("America/New_York 17:00", "always"));
  const std::vector<double> close = column_of(rows_of(list, bars), 0);
  EXPECT_TRUE(std::isnan(close[23]));
  EXPECT_EQ(close[24], bars.close(23));
  EXPECT_EQ(close[46], bars.close(23));
  EXPECT_EQ(close[47], bars.close(46)) << "a day of 23 hours";
}

}  // namespace

std::vector<std::string> oracles::of_levels() {
  return {"session_high",       "session_low",     "prior_day_high", "prior_day_low",
          "prior_day_close",    "pivot_p",         "vwap",           "level_price",
          "level_distance",     "level_strength",  "level_type",     "level_source",
          "support_distance",   "support_touches", "support_age",    "resistance_distance",
          "resistance_touches", "resistance_age"};
}

}  // namespace pawl::features
