#include "features/plan.h"

#include "features/bars_for_features.h"

namespace pawl::features {
namespace {

std::string hash_of(const std::vector<std::string>& specs, Timeframe base = kH1,
                    const char* anchor = "UTC 00:00", const char* session = "always") {
  return parse_list(specs, base, *MarketCalendar::make(anchor, session)).hash();
}

TEST(FeatureHash, ChangesWithWhatChangesTheNumbers) {
  const std::string hash = hash_of({"rsi(14)", "ema(12)@H4"});
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_NE(hash_of({"rsi(15)", "ema(12)@H4"}), hash);
  EXPECT_NE(hash_of({"rsi(14)", "ema(12)@D1"}), hash);
  EXPECT_NE(hash_of({"rsi(14)", "ema(12)"}), hash);
  EXPECT_NE(hash_of({"ema(12)@H4", "rsi(14)"}), hash) << "the order of the columns is part of it";
  EXPECT_NE(hash_of({"rsi(14)"}), hash);
  EXPECT_NE(hash_of({"rsi(14)", "ema(12)@H4"}, kM5), hash);
  EXPECT_NE(hash_of({"rsi(14)", "ema(12)@H4"}, kH1, "America/New_York 17:00"), hash);
  EXPECT_NE(hash_of({"rsi(14)", "ema(12)@H4"}, kH1, "UTC 00:00", "weekdays"), hash);
}

TEST(FeatureHash, DoesNotChangeWithHowItIsWritten) {
  const std::string hash = hash_of({"rsi(14)", "(close-ema(50))/atr(14)", "ema(12)@H4"});
  EXPECT_EQ(hash_of({" rsi ", "( close - ema( close , 50 ) ) / atr( 14 )", "ema( 12 ) @4h"}), hash);
}

TEST(FeatureHash, TheVersionOfAKindIsPartOfIt) {
  // The plan is told of the kind by its declaration; another version of it is another declaration.
  auto expr = parse_expression("rsi(14)", kH1);
  ASSERT_TRUE(expr.has_value());
  const auto calendar = MarketCalendar::utc_always();
  const std::string before = make_plan({*expr}, kH1, calendar).hash;
  FeatureKind newer = *expr->kind;
  newer.version += 1;
  expr->kind = &newer;
  EXPECT_NE(make_plan({*expr}, kH1, calendar).hash, before);
}

TEST(Plan, WhatIsUsedTwiceIsComputedOnce) {
  const FeatureList list = parse_list(
      {"(close-ema(50))/atr(14)", "atr(14)/close", "atr(14)@H4/close", "ema(50)", "lag(ema(50),2)"});
  std::size_t kinds = 0;
  for (const PlanNode& node : list.plan().nodes) kinds += node.type == NodeType::kind ? 1 : 0;
  EXPECT_EQ(kinds, 6u) << "ema(50), tr and its average, both again on H4, lag";
  ASSERT_EQ(list.plan().groups.size(), 2u);
  EXPECT_EQ(list.plan().groups[1].timeframe, kH4);
}

TEST(Plan, KindsShareWhatTheyAreDefinedBy) {
  const auto nodes_of = [](const std::vector<std::string>& specs) {
    const FeatureList list = parse_list(specs);
    return list.plan().nodes.size();
  };
  EXPECT_EQ(nodes_of({"willr(14)", "max(high,14)", "min(low,14)"}), nodes_of({"willr(14)"}));
  EXPECT_EQ(nodes_of({"macd_hist", "macd", "macd_signal", "ema(26)"}), nodes_of({"macd_hist"}));
  EXPECT_EQ(nodes_of({"level_price", "level_distance", "level_type"}), nodes_of({"level_price"}) + 2)
      << "one tracker";
}

TEST(Plan, OperandsTakeTheirPlaceInADefinition) {
  const BarSeries bars = random_bars(3, 200);
  const std::vector<double> whole = values_of("bb_pctb(ret(1)+1,20,2)", bars);
  const std::vector<double> by_hand =
      values_of("(ret(1)+1-sma(ret(1)+1,20)+2*std(ret(1)+1,20))/(2*(2*std(ret(1)+1,20)))", bars);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(whole[i]), std::bit_cast<std::uint64_t>(by_hand[i])) << i;
  }
}

TEST(Plan, InputsStandBeforeWhatUsesThem) {
  const FeatureList list = parse_list(varied_specs());
  for (std::size_t i = 0; i < list.plan().nodes.size(); ++i) {
    for (const std::size_t input : list.plan().nodes[i].inputs) EXPECT_LT(input, i);
  }
}

TEST(Plan, KnowsWhetherVolumeIsNeeded) {
  EXPECT_FALSE(parse_list({"rsi(14)", "atr(14)/close"}).needs_volume());
  EXPECT_TRUE(parse_list({"rsi(14)", "zscore(volume,96)"}).needs_volume());
  EXPECT_TRUE(parse_list({"obv_slope(10)"}).needs_volume());
  EXPECT_TRUE(parse_list({"mfi(14)@H4"}).needs_volume());
}

TEST(WarmUp, IsTheNumberOfBarsUntilTheFirstReadyRow) {
  const std::pair<const char*, std::size_t> table[] = {
      {"close", 1},
      {"ret(1)", 2},
      {"rsi(14)", 15},
      {"macd", 34},
      {"adx(14)", 28},
      {"lag(ret(1),3)", 5},
      {"ema(rsi(14),10)", 24},
      {"ema(12)/ema(26)-1", 26},
      {"stoch_d(14,3,3)", 18},
      {"std(ret(1),20)", 21},
      {"ema(12)@H4", 48},
      {"rsi(14)@H4", 60},
      {"ema(rsi(5)@H4,3)", 26},
      {"close@D1", 24},
  };
  const BarSeries bars = random_bars(3, 200);
  for (const auto& [spec, wanted] : table) {
    const FeatureList list = parse_list({spec});
    EXPECT_EQ(list.warm_up_bars(), wanted) << spec;
    const FeatureFrame frame = rows_of(list, bars);
    for (std::size_t i = 0; i < frame.rows(); ++i) {
      EXPECT_EQ(frame.ready[i] != 0, i + 1 >= wanted) << spec << " at " << i;
    }
  }
}

TEST(WarmUp, IsAnUpperBoundOnAMarketWithSessions) {
  const auto calendar = MarketCalendar::make("America/New_York 17:00", "weekdays");
  ASSERT_TRUE(calendar.has_value());
  const FeatureList list = parse_list({"rsi(14)@H4", "ema(3)@D1"}, kH1, *calendar);
  for (TimeMs start = kMonday; start < kMonday + kDayMs; start += kHourMs) {
    const FeatureFrame frame = rows_of(list, random_bars(3, 200, kH1, start));
    EXPECT_TRUE(frame.ready[list.warm_up_bars() - 1]) << format_time(start);
  }
}

TEST(Memory, OlderBarsMatterLessThanPromised) {
  const BarSeries bars = random_bars(11, 7000);
  std::vector<std::string> specs;
  for (const std::string& spec : varied_specs()) {
    if (spec != "obv" && !spec.starts_with("sar")) specs.push_back(spec);  // they never forget
  }
  for (const std::string& spec : specs) {
    const FeatureList list = parse_list({spec});
    const double eps = 1e-6;
    const std::size_t memory = list.memory_bars(eps);
    ASSERT_LT(memory, 6000u) << spec;
    EXPECT_GE(memory + 1, list.warm_up_bars()) << spec;
    const std::vector<double> all = column_of(rows_of(list, bars), 0);
    // A window that begins anywhere, not only on the grid of H4.
    for (const std::size_t end : {bars.size(), bars.size() - 17, bars.size() - 350}) {
      const double far = all[end - 1];
      const double near = column_of(rows_of(list, bars.slice(end - memory, end)), 0).back();
      if (std::isnan(far) && std::isnan(near)) continue;
      // Differences of averages are as exact as the averages are, not as their small difference.
      const double scale = spec.starts_with("macd") ? bars.close(end - 1) : std::max(std::fabs(far), 1.0);
      EXPECT_NEAR(near, far, eps * scale) << spec << " ending at " << end;
    }
  }
}

TEST(Memory, OfAnAccumulatedLevelIsForever) {
  EXPECT_EQ(parse_list({"rsi(14)", "obv"}).memory_bars(1e-6), kForever);
  EXPECT_EQ(parse_list({"ema(obv,3)@H4"}).memory_bars(1e-6), kForever);
}

TEST(Memory, GrowsWithTheTimeframeAndAsEpsShrinks) {
  const FeatureList one = parse_list({"ema(20)"}), four = parse_list({"ema(20)@H4"});
  EXPECT_GT(four.memory_bars(1e-6), 4 * one.memory_bars(1e-6));
  EXPECT_GT(one.memory_bars(1e-9), one.memory_bars(1e-6));
}

}  // namespace
}  // namespace pawl::features
