// Scrambling what comes after T never changes a row at or before T.
#include "support/future_check.h"

#include "features/bars_for_features.h"
#include "features/expr.h"
#include "features/feature.h"

namespace pawl::features {
namespace {

using test::find_future_leak;

test::RowsOfBars engine_rows(const FeatureList& list) {
  return [list](const BarSeries& bars) { return rows_of(list, bars); };
}

// Mostly near the least and the default, where windows are short enough for a few hundred bars.
double random_value(Random& random, const Parameter& parameter) {
  if (random.below(3) == 0) return parameter.default_value;
  if (parameter.fractional) {
    const double most = std::min(parameter.max, std::max(1.0, 2 * parameter.default_value));
    return parameter.min < -1e6 ? parameter.default_value
                                : parameter.min + (most - parameter.min) * random.uniform();
  }
  return std::min(parameter.max, parameter.min + static_cast<double>(random.below(25)));
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
  std::vector<double> parameters, defaults;
  for (const Parameter& parameter : kind.parameters) {
    parameters.push_back(random_value(random, parameter));
    defaults.push_back(parameter.default_value);
  }
  if (kind.check && !kind.check(parameters).empty()) parameters = defaults;
  for (const double value : parameters) {
    if (!arguments.empty()) arguments += ",";
    arguments += fmt::format("{}", value);
  }
  static constexpr const char* kTimeframes[] = {"", "", "", "@H4", "@D1", "@H2"};
  const bool nested = arguments.find('@') != std::string::npos;
  return fmt::format("{}({}){}", kind.name, arguments, nested ? "" : kTimeframes[random.below(6)]);
}

// The smallest part of a failing feature that fails too.
std::string shrunk(const std::string& spec, const std::function<bool(const std::string&)>& fails) {
  const auto expr = parse_expression(spec, kH1);
  if (!expr) return spec;
  for (Expr operand : expr->operands) {
    if (operand.type == Expr::Type::number) continue;
    if (!operand.timeframe && expr->timeframe && operand.type != Expr::Type::operation &&
        operand.type != Expr::Type::negation) {
      operand.timeframe = expr->timeframe;
    }
    const std::string part = canonical_text(operand);
    if (fails(part)) return shrunk(part, fails);
  }
  return spec;
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

// One round: a feature, bars and cuts, all from one seed. Empty where all is well, else what leaks.
std::string leak_of_seed(std::uint64_t seed, bool& has_values) {
  Random random(seed);
  const std::string spec = random_spec(random, 3);
  const auto calendar = *MarketCalendar::make("America/New_York 17:00", "weekdays");
  const BarSeries bars = random_bars(random.next(), 400, kH1, kMonday + 70 * kDayMs);
  std::vector<std::size_t> cuts;
  for (int i = 0; i < 4; ++i) cuts.push_back(1 + random.below(bars.size() - 1));
  const std::uint64_t future = random.next();
  const auto list_of = [&](const std::string& text) {
    return FeatureList::parse(std::vector{text}, kH1, calendar);
  };
  const auto leak_in = [&](const std::string& text) -> std::optional<test::FutureLeak> {
    const auto list = list_of(text);
    return list ? find_future_leak(engine_rows(*list), bars, cuts, future) : std::nullopt;
  };
  const auto list = list_of(spec);
  if (!list) {
    const bool expected = list.error().message.find("divides by zero") != std::string::npos;
    return expected ? "" : list.error().message;
  }
  has_values = first_value(column_of(rows_of(*list, bars), 0)) < bars.size();
  const auto leak = leak_in(spec);
  if (!leak) return "";
  const std::string part = shrunk(spec, [&](const std::string& text) { return leak_in(text).has_value(); });
  return fmt::format("{} (of {}): {}", part, spec, leak_in(part)->describe());
}

TEST(TheFuture, DoesNotReachRandomCompositions) {
  constexpr std::uint64_t kRounds = 250;
  std::uint64_t with_values = 0;
  for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
    bool has_values = false;
    EXPECT_EQ(leak_of_seed(seed, has_values), "") << "seed " << seed;
    with_values += has_values ? 1 : 0;
  }
  EXPECT_GT(with_values, kRounds / 2) << "most random features should have values at all";
}

TEST(TheFuture, IsLookedForInTheSmallestPartThatFails) {
  const auto with_rsi = [](const std::string& spec) { return spec.find("rsi(") != std::string::npos; };
  EXPECT_EQ(shrunk("ema(corr(high,abs(rsi(close,9)-50),20)/atr(14),3)", with_rsi), "rsi(9)");
  const auto on_four_hours = [](const std::string& spec) { return spec.find("@H4") != std::string::npos; };
  EXPECT_EQ(shrunk("1+ema(max(high,5),3)@H4", on_four_hours), "high@H4");
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
