// A version beside the one that serves: a bad promotion is taken back, a good one has to prove itself where
// that is asked for, and a restart changes nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "loop/shadow_rig.h"

namespace pawl::loop {
namespace {

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
    rig.play({bars.slice(0, cut)});
    rig.open();
    ASSERT_TRUE(rig.loop->restore({}));
    rig.play({bars.slice(cut, bars.size())});
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

// A version that has served for longer than versions are followed is not taken back because somebody asks for
// it now.
TEST(Shadow, WatchesNothingWhoseTimeIsOver) {
  const BarSeries bars = planted_bars(3, 6220);
  SeveralRig rig(several_recipe(kBadPromotion, {{"shadow", "{when: never}"}}));
  rig.play({bars.slice(0, 6200)});
  const auto swaps = rig.payloads("swap");
  ASSERT_EQ(swaps.size(), 2u);
  // A challenger whose probation was never seen to end.
  const LineId line = rig.loop->lines()[0]->id();
  const TimeMs then = bars.close_time(5060);
  ASSERT_TRUE(rig.store->events().append(
      {.known_at = then,
       .kind = "shadow",
       .line = line,
       .payload = Json{{"decision", "begin"}, {"purpose", "swap"}, {"other", "v000001"}}.dump()}));
  rig.recipe = several_recipe(kBadPromotion, {{"shadow", "{when: always, e_value: 20, days: 30}"}});
  rig.open();
  ASSERT_TRUE(rig.loop->restore({}));
  for (Shadow* shadow : rig.loop->lines()[0]->shadows()) EXPECT_FALSE(shadow->on());
  rig.play({bars.slice(6200, 6220)});
  EXPECT_TRUE(rig.payloads("rollback").empty());
  EXPECT_TRUE(rig.payloads("shadow").empty());
  EXPECT_EQ(rig.loop->lines()[0]->live()->bundle.number, VersionNumber{2});
}

// A person who rolled back and then let the version serve all the same holds the line: it stays, for as long
// as the hold does.
TEST(Shadow, TakesNothingBackFromALineThatHolds) {
  const BarSeries bars = planted_bars(3);
  SeveralRig rig(several_recipe(kBadPromotion));
  rig.play({bars.slice(0, 5041)});
  ASSERT_EQ(rig.loop->lines()[0]->live()->bundle.number, VersionNumber{2});
  const LineId line = rig.loop->lines()[0]->id();
  const TimeMs at = rig.loop->now();
  ASSERT_TRUE(rig.loop->roll_back_by_hand(0, VersionNumber{1}, std::nullopt, "it looks odd", "hand", at));
  ASSERT_TRUE(rig.loop->promote_by_hand(0, VersionNumber{2}, false, "it stays", "hand", at));
  rig.play({bars.slice(5041, 5600)});
  EXPECT_TRUE(rig.payloads("rollback").empty());
  EXPECT_TRUE(*rig.registry->holds(line, rig.loop->now() + 10 * 365 * kDayMs)) << "until released";
  EXPECT_GT(rig.loop->lines()[0]->former.watch.e_value(), 20);
  ASSERT_TRUE(rig.loop->release_by_hand(0, "hand", rig.loop->now()));
  rig.play({bars.slice(5600, 5601)});
  EXPECT_EQ(rig.payloads("rollback").size(), 1u);
  EXPECT_EQ(rig.loop->lines()[0]->live()->bundle.number, VersionNumber{1});
}

}  // namespace
}  // namespace pawl::loop
