// Scrambling what comes after T never changes a row at or before T.
#include "support/future_check.h"

#include "features/bars_for_features.h"
#include "features/feature.h"

namespace pawl::features {
namespace {

using test::find_future_leak;

test::RowsOfBars engine_rows(const FeatureList& list) {
  return [list](const BarSeries& bars) { return rows_of(list, bars); };
}

// A random expression, made of the grammar and the registered kinds themselves.
std::string random_spec(Random& random, int depth) {
  static constexpr const char* kColumns[] = {"open", "high", "low", "close", "volume"};
  const std::uint64_t what = random.below(depth > 0 ? 8 : 1);
  if (what < 1) return kColumns[random.below(5)];
  if (what < 3) {
    return fmt::format("({}{}{})", random_spec(random, depth - 1), "+-*/"[random.below(4)],
                       random_spec(random, depth - 1));
  }
  const std::vector<FeatureKind>& kinds = feature_kinds();
  const FeatureKind& kind = kinds[random.below(kinds.size())];
  std::string arguments;
  for (int i = 0; i < kind.inputs; ++i) {
    if (i > 0) arguments += ",";
    arguments += random_spec(random, depth - 1);
  }
  for (const Parameter& parameter : kind.parameters) {
    if (!arguments.empty()) arguments += ",";
    double value = parameter.default_value;
    if (parameter.min >= 1 && kind.parameters.size() == 1) value = 2 + static_cast<double>(random.below(30));
    arguments += fmt::format("{}", value);
  }
  static constexpr const char* kTimeframes[] = {"", "", "", "@H4", "@D1", "@H2"};
  const bool nested = arguments.find('@') != std::string::npos;
  return fmt::format("{}({}){}", kind.name, arguments, nested ? "" : kTimeframes[random.below(6)]);
}

TEST(TheFuture, DoesNotReachAnyKindOrTimeframe) {
  const std::vector<std::size_t> cuts = {1, 2, 14, 48, 97, 201, 300, 301, 302, 303, 333, 599};
  for (const auto& [anchor, session] :
       {std::pair{"UTC 00:00", "always"}, std::pair{"America/New_York 17:00", "weekdays"},
        std::pair{"Europe/Berlin 09:30", "always"}}) {
    const auto calendar = MarketCalendar::make(anchor, session);
    ASSERT_TRUE(calendar.has_value());
    const auto leak =
        find_future_leak(engine_rows(parse_list(varied_specs(), Timeframe::minutes(30), *calendar)),
                         random_bars(22, 600, Timeframe::minutes(30)), cuts);
    EXPECT_FALSE(leak.has_value()) << anchor << ": " << leak->describe();
  }
}

TEST(TheFuture, DoesNotReachRandomCompositions) {
  Random random(99);
  int values = 0;
  for (int round = 0; round < 150; ++round) {
    const std::string spec = random_spec(random, 3);
    const auto list = FeatureList::parse(std::vector{spec}, kH1,
                                         *MarketCalendar::make("America/New_York 17:00", "weekdays"));
    ASSERT_TRUE(list.has_value() || list.error().message.find("divides by zero") != std::string::npos)
        << list.error().message;
    if (!list) continue;
    const BarSeries bars = random_bars(random.next(), 400, kH1, kMonday + 70 * kDayMs);
    std::vector<std::size_t> cuts;
    for (int i = 0; i < 4; ++i) cuts.push_back(1 + random.below(bars.size() - 1));
    const auto leak = find_future_leak(engine_rows(*list), bars, cuts, random.next());
    EXPECT_FALSE(leak.has_value()) << spec << ": " << leak->describe();
    values += first_value(column_of(rows_of(*list, bars), 0)) < bars.size() ? 1 : 0;
  }
  EXPECT_GT(values, 100) << "most random features should have values at all";
}

TEST(TheFuture, DoesNotReachRealBars) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 2500);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  const std::vector<std::size_t> cuts = {500, 1003, 1777, 2498};
  const auto leak = find_future_leak(engine_rows(parse_list(varied_specs())), *bars, cuts);
  EXPECT_FALSE(leak.has_value()) << leak->describe();
}

// The check itself must see a leak: these look ahead in ways that are easy to write by mistake.
FeatureFrame with_column(const BarSeries& bars, const std::function<double(std::size_t)>& value) {
  FeatureFrame frame;
  frame.names = {"leaking"};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    frame.known_at.push_back(bars.close_time(i));
    frame.ready.push_back(1);
    frame.values.push_back(value(i));
  }
  return frame;
}

TEST(TheCheck, CatchesTheNextClose) {
  const auto leak = find_future_leak(
      [](const BarSeries& bars) {
        return with_column(bars, [&](std::size_t i) { return bars.close(std::min(i + 1, bars.size() - 1)); });
      },
      random_bars(1, 100), std::vector<std::size_t>{50});
  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->feature, "leaking");
  EXPECT_EQ(leak->known_at, kMonday + 50 * kHourMs);
}

TEST(TheCheck, CatchesAMeanOverTheWholeSeries) {
  const auto leak = find_future_leak(
      [](const BarSeries& bars) {
        double sum = 0;
        for (std::size_t i = 0; i < bars.size(); ++i) sum += bars.close(i);
        return with_column(
            bars, [&](std::size_t i) { return bars.close(i) * static_cast<double>(bars.size()) / sum; });
      },
      random_bars(1, 100), std::vector<std::size_t>{50});
  EXPECT_TRUE(leak.has_value());
}

TEST(TheCheck, CatchesAHigherBarThatIsStillForming) {
  // The H4 close joined by open time instead of close time: right only at the last hour of the four.
  const auto forming = [](const BarSeries& bars) {
    return with_column(bars,
                       [&](std::size_t i) { return bars.close(std::min(i / 4 * 4 + 3, bars.size() - 1)); });
  };
  EXPECT_TRUE(find_future_leak(forming, random_bars(1, 100), std::vector<std::size_t>{49}).has_value());
  EXPECT_FALSE(find_future_leak(forming, random_bars(1, 100), std::vector<std::size_t>{48}).has_value());
}

TEST(TheCheck, CatchesAReadyFlagThatKnowsTheLength) {
  const auto leak = find_future_leak(
      [](const BarSeries& bars) {
        FeatureFrame frame = with_column(bars, [](std::size_t) { return 0.0; });
        std::fill_n(frame.ready.begin(), bars.size() / 2, 0);
        return frame;
      },
      random_bars(1, 100), std::vector<std::size_t>{80});
  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->future, "cut off");
}

}  // namespace
}  // namespace pawl::features
