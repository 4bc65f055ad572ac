// A version beside the one that serves: a bad promotion is taken back, a good one has to prove itself where
// that is asked for, and a restart changes nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "loop/loop_rig.h"
#include "loop/several_rig.h"

namespace pawl::loop {
namespace {

// The pattern is turned around between bars 2500 and 5000. The first model is trained long before
// that, the second at bar 5040 on a window that lies within: right when it was trained, wrong from its first
// day on, and `always` lets it through.
constexpr const char* kBadPromotion = R"(schema: 1
recipe: planted
symbols: [BTC/USDT]
source: {kind: simulated}
features: [clv, ret(1), rsi(14)]
label: {kind: horizon_return, horizon_bars: 3}
model: {kind: logistic}
signal: {kind: edge, min_edge: 0.01}
costs: {per_side_bp: 2}
validation: {window_days: 60, judged_days: 10, embargo_bars: 4, min_bars: 300, min_judged_rows: 50}
gate: {policy: always}
auto_training: {enabled: false}
triggers: [{kind: cron, schedule: "0 0 11 3 *"}, {kind: cron, schedule: "0 0 29 7 *"}]
training: {latency_minutes: 30, cooldown_hours: 0}
shadow: {when: always, rollback_e_value: 20, days: 30}
)";

BarSeries planted_bars(std::uint64_t seed, std::size_t count = 6200) {
  market::SimulatedSettings settings;
  settings.bars = static_cast<std::int64_t>(count);
  settings.flip_every_bars = 2500;
  settings.seed = seed;
  return market::simulate(settings, 3).bars;
}

std::optional<std::int64_t> bars_until_rollback(SeveralRig& rig) {
  TimeMs swapped = 0;
  for (const Event& event : rig.events) {
    if (event.kind == "swap") swapped = event.known_at;
    if (event.kind == "rollback") return (event.known_at - swapped) / kHourMs;
  }
  return std::nullopt;
}

TEST(Shadow, ABadPromotionIsTakenBackWithinSixHundredBars) {
  std::vector<std::int64_t> bars;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SeveralRig rig(several_recipe(kBadPromotion));
    rig.play({planted_bars(seed)});
    ASSERT_EQ(rig.payloads("swap").size(), 2u) << "seed " << seed;
    const auto needed = bars_until_rollback(rig);
    ASSERT_TRUE(needed) << "seed " << seed;
    bars.push_back(*needed);
    const Json payload = rig.payloads("rollback").at(0);
    EXPECT_EQ(payload["from"], "v000002");
    EXPECT_EQ(payload["to"], "v000001");
    EXPECT_EQ(payload["actor"], "shadow");
    EXPECT_GE(payload["e_value"].get<double>(), 20);
    EXPECT_EQ(rig.loop->lines()[0]->live()->bundle.number, VersionNumber{1});
    EXPECT_EQ(rig.loop->run_counts().rollbacks, 1);
    // It does not hold: the next run may promote again.
    EXPECT_FALSE(*rig.registry->holds(rig.loop->lines()[0]->id(), rig.loop->now()));
  }
  std::ranges::sort(bars);
  EXPECT_LE(bars.back(), 600);
  RecordProperty("bars_median", static_cast<int>(bars[bars.size() / 2]));
}

TEST(Shadow, NothingIsTakenBackWhereItIsNotAskedFor) {
  for (const char* shadow : {"{when: never}", "{when: with_sound}", "{when: always, rollback_e_value: 0}"}) {
    SeveralRig rig(several_recipe(kBadPromotion, {{"shadow", shadow}}));
    rig.play({planted_bars(1)});
    EXPECT_TRUE(rig.payloads("rollback").empty()) << shadow;
  }
}

// Cut anywhere, restored from the store: the same rollback at the same instant.
TEST(Shadow, ARestartChangesNothing) {
  const BarSeries bars = planted_bars(3);
  SeveralRig whole(several_recipe(kBadPromotion));
  whole.play({bars});
  const auto needed = bars_until_rollback(whole);
  ASSERT_TRUE(needed);
  for (const std::size_t cut : {5050u, 5075u, 5101u}) {
    SeveralRig rig(several_recipe(kBadPromotion));
    BarSeries before, after;
    for (std::size_t i = 0; i < bars.size(); ++i) (i < cut ? before : after).append(bars[i]);
    rig.play({before});
    rig.open();
    ASSERT_TRUE(rig.loop->restore({}));
    rig.play({after});
    EXPECT_EQ(rig.payloads("rollback"), whole.payloads("rollback")) << "cut at bar " << cut;
    EXPECT_EQ(bars_until_rollback(rig), needed) << "cut at bar " << cut;
  }
}

// The planted market and one that hardly moves, as one line: what the promotion costs, it costs on the first.
std::vector<BarSeries> pooled_bars(std::uint64_t seed) {
  const BarSeries first = planted_bars(seed), walk = planted_bars(seed + 50);
  BarSeries second;
  double close = walk[0].open, former = close;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    Bar bar = walk[i];
    const double scale = close / former, base = former;
    former = bar.close;
    for (double* price : {&bar.open, &bar.high, &bar.low, &bar.close})
      *price = base * scale * std::pow(*price / base, 0.05);
    close = bar.close;
    second.append(bar);
  }
  return {first, second};
}

const Sets kPooled = {{"symbols", "[BTC/USDT, ETH/USDT]"}, {"pool", "true"}};

TEST(Shadow, WatchesEveryMarketOfAPooledLineAndARestartChangesNothing) {
  const std::vector<BarSeries> bars = pooled_bars(3);
  SeveralRig whole(several_recipe(kBadPromotion, kPooled));
  whole.play(bars);
  const auto needed = bars_until_rollback(whole);
  ASSERT_TRUE(needed) << "bad on the first market only, and taken back";
  EXPECT_LE(*needed, 600);
  for (const std::size_t cut : {5050u, 5075u, 5101u, 5102u, 5103u}) {
    SeveralRig rig(several_recipe(kBadPromotion, kPooled));
    std::vector<BarSeries> before, after;
    for (const BarSeries& one : bars) {
      before.push_back(one.slice(0, cut));
      after.push_back(one.slice(cut, one.size()));
    }
    rig.play(before);
    rig.open();
    ASSERT_TRUE(rig.loop->restore({}));
    rig.play(after);
    EXPECT_EQ(rig.payloads("rollback"), whole.payloads("rollback")) << "cut at bar " << cut;
    EXPECT_EQ(bars_until_rollback(rig), needed) << "cut at bar " << cut;
  }
}

// What the gate lets through serves only once it has earned more beside the champion. The rules follow the
// trend of a market without one; the model knows its pattern.
TEST(Shadow, AChallengerHasToProveItselfWhereThatIsAsked) {
  const Sets prove = {{"shadow", "{when: always, e_value: 2, rollback_e_value: 0, days: 30}"}};
  SeveralRig rig(several_recipe(kBadPromotion, prove));
  rig.play({planted_bars(5)});
  std::vector<std::string> course;
  for (const Event& event : rig.events) {
    if (event.kind == "verdict" || event.kind == "shadow" || event.kind == "swap" ||
        event.kind == "rollback") {
      course.push_back(event.kind);
    }
  }
  ASSERT_GE(course.size(), 4u);
  EXPECT_EQ(course[0], "verdict");
  EXPECT_EQ(course[1], "shadow") << "it begins to answer beside the rules";
  EXPECT_EQ(course[2], "swap") << "and has shown that it is better";
  // The bad one of July never does: it ends in the shadow, and nothing has to be taken back.
  EXPECT_EQ(rig.payloads("swap").size(), 1u);
  EXPECT_TRUE(rig.payloads("rollback").empty());
  EXPECT_EQ(rig.loop->lines()[0]->live()->bundle.number, VersionNumber{1});
  const Json begin = rig.payloads("shadow").at(0);
  EXPECT_EQ(begin["decision"], "begin");
  EXPECT_EQ(begin["e_value_needed"], 2);

  const BarSeries bars = planted_bars(5);
  SeveralRig cut(several_recipe(kBadPromotion, prove));
  BarSeries before, after;
  for (std::size_t i = 0; i < bars.size(); ++i) (i < 1740 ? before : after).append(bars[i]);
  cut.play({before});
  cut.open();
  ASSERT_TRUE(cut.loop->restore({}));
  cut.play({after});
  EXPECT_EQ(cut.payloads("swap"), rig.payloads("swap"));
}

}  // namespace
}  // namespace pawl::loop
