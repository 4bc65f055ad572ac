// The contract of every registered kind.
#include "features/bars_for_features.h"
#include "features/feature.h"
#include "features/kinds/exact_math.h"
#include "features/plan.h"

namespace pawl::features {
namespace {

std::string inputs_of(const FeatureKind& kind) {
  static constexpr std::array<const char*, 4> kInputs = {"", "close", "close,low", "close,low,high"};
  return kInputs[static_cast<std::size_t>(kind.inputs)];
}

std::vector<double> defaults(const FeatureKind& kind) {
  std::vector<double> values;
  for (const Parameter& parameter : kind.parameters) values.push_back(parameter.default_value);
  return values;
}

// Of what a list is made of, its definitions included.
bool any_part(const FeatureList& list, bool (*is)(const FeatureKind&)) {
  return std::any_of(list.plan().nodes.begin(), list.plan().nodes.end(),
                     [&](const PlanNode& node) { return node.type == NodeType::kind && is(*node.kind); });
}
bool follows_market(const FeatureList& list) {
  return any_part(list, [](const FeatureKind& kind) { return kind.in_market.has_value(); });
}
// A swing comes when it comes: only the first bar on which there can be one is known.
bool waits_for_swings(const FeatureList& list) {
  return any_part(list, [](const FeatureKind& kind) { return kind.family == "structure"; });
}

TEST(EveryKind, DeclaresItself) {
  std::vector<std::string> names;
  for (const FeatureKind& kind : feature_kinds()) {
    EXPECT_EQ(find_feature_kind(kind.name), &kind) << "a name twice?";
    EXPECT_FALSE(kind.help.empty()) << kind.name;
    EXPECT_FALSE(kind.source.empty()) << kind.name;
    EXPECT_TRUE(kind.cost.starts_with("O(") && kind.cost.ends_with(")")) << kind.name;
    EXPECT_LT(kind.output, kind.outputs) << kind.name;
    EXPECT_TRUE(kind.help.ends_with(".")) << kind.name;
    EXPECT_GE(kind.version, 1);
    EXPECT_TRUE(!kind.default_input_close || kind.inputs == 1) << kind.name;
    for (const Parameter& parameter : kind.parameters) {
      EXPECT_LE(parameter.min, parameter.default_value) << kind.name;
      EXPECT_GE(parameter.max, parameter.default_value) << kind.name;
    }
    EXPECT_EQ(kind.check ? kind.check(defaults(kind)) : "", "") << kind.name;
  }
  EXPECT_EQ(find_feature_kind("close"), nullptr);
  EXPECT_EQ(find_feature_kind(""), nullptr);
}

TEST(EveryKind, SaysThatItNeedsVolumeWhereAPartOfItDoes) {
  for (const FeatureKind& kind : feature_kinds()) {
    EXPECT_EQ(parse_list({with_defaults(kind)}).needs_volume(), kind.needs_volume) << kind.name;
  }
}

TEST(EveryKind, HasItsFirstValueWhereItSays) {
  const BarSeries bars = random_bars(15, 300);
  for (const FeatureKind& kind : feature_kinds()) {
    const std::vector<double> values = values_of(with_defaults(kind), bars);
    const FeatureList list = parse_list({with_defaults(kind)});
    const std::size_t promised = list.warm_up_bars() - 1;
    if (follows_market(list)) {
      EXPECT_LE(first_value(values), promised) << kind.name;
    } else if (waits_for_swings(list)) {
      EXPECT_GE(first_value(values), promised) << kind.name;
      EXPECT_LT(first_value(values), promised + 100) << kind.name;
    } else {
      EXPECT_EQ(first_value(values), promised) << kind.name;
    }
  }
}

TEST(EveryKind, SaysWhatItNeedsOnce) {
  for (const FeatureKind& kind : feature_kinds()) {
    const bool by_itself = kind.make && kind.warm_up && kind.memory_bars;
    const bool nothing = !kind.make && !kind.warm_up && !kind.memory_bars;
    const int ways = (by_itself ? 1 : 0) + (kind.in_market ? 1 : 0) + (kind.definition ? 1 : 0);
    EXPECT_EQ(ways, 1) << kind.name;
    EXPECT_TRUE(by_itself || nothing) << kind.name;
    if (!kind.in_market) continue;
    EXPECT_TRUE(kind.in_market->make && kind.in_market->warm_up && kind.in_market->memory_bars) << kind.name;
  }
}

TEST(EveryKind, WorksAtTheLeastOfItsParameters) {
  const BarSeries bars = random_bars(16, 100);
  for (const FeatureKind& kind : feature_kinds()) {
    if (kind.parameters.empty()) continue;
    std::string arguments = inputs_of(kind);
    for (const Parameter& parameter : kind.parameters) {
      // macd wants fast < slow, clip low < high.
      const bool second_of_a_pair = kind.check && &parameter == &kind.parameters[1];
      arguments +=
          fmt::format("{}{}", arguments.empty() ? "" : ",", parameter.min + (second_of_a_pair ? 1 : 0));
    }
    const std::string spec = fmt::format("{}({})", kind.name, arguments);
    const std::size_t most = waits_for_swings(parse_list({spec})) ? 40 : 10;
    EXPECT_LT(first_value(values_of(spec, bars)), most) << spec;
  }
}

// What a model is served with must not depend on how much history was at hand.
TEST(EveryKind, ForgetsButForThoseThatCannot) {
  // obv is a running total. sar turns when a bar reaches it, and what it is there depends on the turn before:
  // two of them agree once they have turned on one bar, which no number of bars makes sure of.
  const std::vector<std::string> endless = {"sar", "obv"};
  std::vector<std::string> found;
  for (const FeatureKind& kind : feature_kinds()) {
    if (parse_list({with_defaults(kind)}).memory_bars(1e-9) == kForever) found.push_back(kind.name);
  }
  EXPECT_EQ(fmt::format("{}", fmt::join(found, " ")), fmt::format("{}", fmt::join(endless, " ")));
}

// From two starts far apart; what is left of the older bars is what memory_bars() says.
TEST(EveryKind, IsTheSameFromALaterStartOnceItsMemoryIsFull) {
  const BarSeries bars = random_bars(19, 3200);
  for (const FeatureKind& kind : feature_kinds()) {
    const FeatureList list = parse_list({with_defaults(kind)});
    const std::size_t memory = list.memory_bars(1e-9);
    if (memory == kForever) continue;
    ASSERT_LT(memory, 1700u) << kind.name;
    const std::size_t start = bars.size() - 1500 - memory;
    const std::vector<double> all = values_of(with_defaults(kind), bars);
    const std::vector<double> late = values_of(with_defaults(kind), bars.slice(start, bars.size()));
    for (std::size_t i = start + memory; i < bars.size(); ++i) {
      const double a = all[i], b = late[i - start];
      ASSERT_EQ(std::isnan(a), std::isnan(b)) << kind.name << " at " << i;
      if (!std::isnan(a)) {
        ASSERT_NEAR(a, b, 1e-7 * std::max(1.0, std::fabs(a))) << kind.name << " at " << i;
      }
    }
  }
}

TEST(EveryKind, GivesTheSameBitsInBlocksAndAfterRestore) {
  const BarSeries bars = random_bars(17, 700);
  for (const FeatureKind& kind : feature_kinds()) {
    const FeatureList list = parse_list({with_defaults(kind)});
    const FeatureFrame whole = rows_of(list, bars);
    EXPECT_EQ(bit_difference(whole, rows_of(list, bars, {1})), "") << kind.name;
    for (const std::size_t cut : {0, 1, 5, 19, 20, 340}) {
      FeatureFrame frame;
      const std::vector<std::size_t> blocks = {100};
      Engine first(list), second(list);
      advance(first, bars, 0, cut, blocks, frame);
      ASSERT_TRUE(second.load(first.save()).has_value());
      advance(second, bars, cut, bars.size(), blocks, frame);
      EXPECT_EQ(bit_difference(whole, frame), "") << kind.name << " saved before " << cut;
    }
  }
}

TEST(ExactLog, IsWithinTwoUnitsOfTheLastPlace) {
  Random random(12);
  const auto check = [](double x) {
    const double wanted = static_cast<double>(std::log(static_cast<long double>(x)));
    const double unit = std::nextafter(std::fabs(wanted), 1e300) - std::fabs(wanted);
    ASSERT_NEAR(exact_log(x), wanted, 2 * unit) << x;
  };
  for (int i = 0; i < 200000; ++i) {
    check(std::exp(1400 * (random.uniform() - 0.5)));
    check(1 + 0.1 * (random.uniform() - 0.5));
    check(1 + 1e-9 * (random.uniform() - 0.5));
  }
  for (const double x : {5e-324, 1e-310, 2.2250738585072014e-308, 0.5, 2.0, 1.7976931348623157e308,
                         0.70710678118654757, 0.70710678118654746, 1.4142135623730951}) {
    check(x);
  }
  EXPECT_EQ(exact_log(1), 0);
  for (const double x : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_TRUE(std::isnan(exact_log(x))) << x;
  }
}

TEST(ExactCircle, AgreesAndIsExactAtQuarters) {
  Random random(13);
  for (int i = 0; i < 100000; ++i) {
    const double turn = random.uniform();
    const long double angle = 2 * 3.14159265358979323846264338327950288L * turn;
    ASSERT_NEAR(exact_sin_of_turn(turn), static_cast<double>(std::sin(angle)), 3e-16) << turn;
    ASSERT_NEAR(exact_cos_of_turn(turn), static_cast<double>(std::cos(angle)), 3e-16) << turn;
  }
  EXPECT_EQ(exact_sin_of_turn(0), 0);
  EXPECT_EQ(exact_sin_of_turn(0.25), 1);
  EXPECT_EQ(exact_sin_of_turn(0.5), 0);
  EXPECT_EQ(exact_sin_of_turn(0.75), -1);
  EXPECT_EQ(exact_cos_of_turn(0), 1);
  EXPECT_EQ(exact_cos_of_turn(0.25), 0);
  EXPECT_EQ(exact_cos_of_turn(0.5), -1);
}

}  // namespace
}  // namespace pawl::features
