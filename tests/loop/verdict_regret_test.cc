// What verdicts were worth: each bar is counted once, for the version that served, and asked where it was
// asked.
#include "loop/verdict_regret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "loop/loop_rig.h"
#include "loop/several_rig.h"

namespace pawl::loop {
namespace {

// Without costs and with labels of one bar a bar's return is the side that was said, times the move from its
// fill to the next one's: nothing that needs a strategy to be worked out.
Sets plain_sets() {
  return {{"label.horizon_bars", "1"},
          {"model", "{kind: logistic}"},
          {"costs.per_side_bp", "0"},
          {"triggers", "[{kind: samples, min_samples: 150}]"}};
}

// Trained when a test asks for it, and at no other time.
Sets asked_sets() {
  Sets set = plain_sets();
  set.back().second = "[{kind: samples, min_samples: 100000}]";
  return set;
}

double earned(Rig& rig, VersionNumber number, std::size_t bar) {
  const BarSeries& bars = rig.series().bars();
  const auto version = rig.registry->load(rig.line().id(), number);
  EXPECT_TRUE(version.has_value());
  const auto side = static_cast<BarLine&>(rig.line()).side_at(0, **version, bars.close_time(bar));
  EXPECT_TRUE(side.has_value());
  return static_cast<double>(*side) * (bars.open(bar + 2) / bars.open(bar + 1) - 1);
}

RegretReport regrets_of(Rig& rig, double days = 30) {
  auto report = verdict_regrets(*rig.loop, *rig.store, *rig.registry, rig.recipe,
                                static_cast<DurationMs>(days * static_cast<double>(kDayMs)));
  EXPECT_TRUE(report.has_value()) << report.error().message;
  return *report;
}

// Each verdict is followed for thirty days, and the next one comes after a week.
TEST(VerdictRegret, BarsOfOverlappingDaysAreCountedOnce) {
  Rig rig(plain_sets());
  const BarSeries bars = rig_bars(1100);
  rig.feed(bars, 0, bars.size());
  const RegretReport report = regrets_of(rig);
  ASSERT_GE(report.verdicts.size(), 4U);
  EXPECT_EQ(report.followed, static_cast<std::int64_t>(report.verdicts.size()));

  std::size_t followed_bars = 0;
  double total = 0;
  for (std::size_t i = 0; i < report.verdicts.size(); ++i) {
    const VerdictRegret& one = report.verdicts[i];
    const TimeMs next = i + 1 < report.verdicts.size() ? report.verdicts[i + 1].at : one.at + 30 * kDayMs;
    EXPECT_EQ(one.counts_until, next);
    double all = 0, counted = 0;
    std::vector<TimeMs> closes;
    for (std::size_t bar = 0; bar + 2 < bars.size(); ++bar) {
      const TimeMs close = bars.close_time(bar);
      if (close < one.at || close >= one.at + 30 * kDayMs) continue;
      closes.push_back(close);
      const double difference = earned(rig, one.chosen, bar) - earned(rig, one.other, bar);
      all += difference;
      if (close < next) counted += difference;
    }
    EXPECT_EQ(one.closes, closes);
    EXPECT_NEAR(one.gained, all, 1e-12) << "as if it had served for all the days";
    EXPECT_NEAR(one.counted_gain, counted, 1e-12) << "what it is answerable for";
    EXPECT_LT(one.interval.low, one.gained);
    EXPECT_GT(one.interval.high, one.gained);
    followed_bars += closes.size();
    total += counted;
  }
  const TimeMs first = report.verdicts.front().at;
  const auto once = static_cast<std::size_t>((bars.close_time(bars.size() - 3) - first) / kHourMs);
  EXPECT_NEAR(static_cast<double>(report.differences.size()), static_cast<double>(once), 1);
  EXPECT_GT(followed_bars, 3 * report.differences.size() / 2) << "the days do overlap";
  EXPECT_NEAR(report.gained, total, 1e-12);
  EXPECT_EQ(to_json(report)["bars"], report.differences.size());
}

// Twice the same market is one market held twice: twice the sum, twice the interval, and as little known.
TEST(VerdictRegret, LinesThatMoveTogetherAreOneSeries) {
  Sets both = plain_sets();
  both.emplace_back("symbols", "[BTC/USDT, ETH/USDT]");
  Rig one(plain_sets()), two(both);
  const BarSeries bars = rig_bars(1000);
  one.feed(bars, 0, bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    ASSERT_TRUE(two.loop->step({.close_time = bars.close_time(i), .items = {{0, bars[i]}, {1, bars[i]}}}));
  }
  const RegretReport alone = regrets_of(one), together = regrets_of(two);
  ASSERT_GT(alone.followed, 2);
  ASSERT_EQ(together.followed, 2 * alone.followed);
  ASSERT_EQ(together.differences.size(), alone.differences.size()) << "bars of one instant are one row";
  for (std::size_t i = 0; i < alone.differences.size(); ++i)
    ASSERT_NEAR(together.differences[i], 2 * alone.differences[i], 1e-15) << i;
  EXPECT_NEAR(together.gained, 2 * alone.gained, 1e-12);
  const double width = alone.interval.high - alone.interval.low;
  EXPECT_GT(width, 0);
  EXPECT_NEAR((together.interval.high - together.interval.low) / width, 2, 1e-6)
      << "not √2, as of two markets that say something different";
}

TEST(VerdictRegret, EndsWhereThePointerMoves) {
  Rig rig(asked_sets());
  const BarSeries bars = rig_bars(900);
  rig.feed(bars, 0, 500);
  rig.ask_for_training();
  rig.feed(bars, 500, 700);
  ASSERT_EQ(rig.line().live()->bundle.number, VersionNumber{1});
  const TimeMs moved = bars.close_time(699) + kMinuteMs;
  ASSERT_TRUE(rig.loop->roll_back_by_hand(0, VersionNumber{0}, std::nullopt, "a test", "hand", moved));
  rig.feed(bars, 700, 900);
  const RegretReport report = regrets_of(rig);
  ASSERT_EQ(report.verdicts.size(), 1U);
  const VerdictRegret& only = report.verdicts[0];
  EXPECT_EQ(only.chosen, VersionNumber{1});
  EXPECT_EQ(only.counts_until, moved);
  EXPECT_EQ(only.closes[only.counted_bars - 1], bars.close_time(699));
  EXPECT_EQ(only.closes[only.counted_bars], bars.close_time(700)) << "its own figure goes on";
  EXPECT_EQ(report.differences.size(), only.counted_bars);
  EXPECT_EQ(report.gained, only.counted_gain);
}

// A challenger on probation answers beside the champion. It is the champion that serves.
TEST(VerdictRegret, OnProbationTheChampionServes) {
  Sets set = asked_sets();
  set.emplace_back("shadow", "{when: always, e_value: 1000000, days: 30}");
  Rig rig(set);
  const BarSeries bars = rig_bars(700);
  rig.feed(bars, 0, 500);
  rig.ask_for_training();
  rig.feed(bars, 500, 700);
  ASSERT_EQ(rig.line().live()->bundle.number, VersionNumber{0});
  const RegretReport report = regrets_of(rig);
  ASSERT_EQ(report.verdicts.size(), 1U);
  const VerdictRegret& only = report.verdicts[0];
  EXPECT_EQ(only.decision, Decision::keep) << "until it takes over";
  EXPECT_EQ(only.chosen, VersionNumber{0});
  EXPECT_EQ(only.other, VersionNumber{1});
  ASSERT_TRUE(only.why_not.empty()) << only.why_not;
  double expected = 0;
  for (std::size_t bar = 0; bar + 2 < bars.size(); ++bar) {
    if (bars.close_time(bar) < only.at) continue;
    expected += earned(rig, {0}, bar) - earned(rig, {1}, bar);
  }
  EXPECT_NE(expected, 0);
  EXPECT_NEAR(only.gained, expected, 1e-12);
}

constexpr const char* kMinutes = R"yaml(schema: 1
recipe: minute
symbols: [QQQ]
bars: {base: M1, day_anchor: "America/New_York 00:00", session: "09:30-16:00", outside_session: drop}
source: {kind: simulated}
features: [clv, ret(1)]
label: {kind: horizon_return, horizon_bars: 10, sessions: within}
model: {kind: logistic}
signal: {kind: edge, min_edge: 0, where: "ret(1)"}
costs: {per_side_bp: 1}
validation: {judged_sessions: 1, min_bars: 300, min_judged_rows: 30}
gate: {policy: always}
auto_training: {enabled: false}
training: {latency_minutes: 5, cooldown_hours: 0}
)yaml";

// Three sessions of a day each.
BarSeries session_minutes() {
  BarSeries bars;
  const BarSeries walk = several_bars(1, 1200, kM1)[0];
  std::size_t next = 0;
  for (const int day : {2, 3, 4}) {
    const TimeMs open = time_from_civil({.year = 2024, .month = 1, .day = day, .hour = 14, .minute = 30});
    for (int minute = 0; minute < 390; ++minute) {
      Bar bar = walk[next++];
      bar.open_time = open + minute * kMinuteMs;
      bar.close_time = bar.open_time + kMinuteMs;
      bars.append(bar);
    }
  }
  return bars;
}

// The version that served is the oracle: what was stored of it is what it was asked.
TEST(VerdictRegret, AsksWhereTheLoopAsked) {
  const BarSeries bars = session_minutes();
  const Sets every_bar = {{"triggers", "[{kind: samples, min_samples: 500}]"}};
  const Sets polled = {{"triggers", "[{kind: samples, min_samples: 100}]"},
                       {"quotes", "{polling_interval_s: 300, stale_after_s: 90}"}};
  for (const Sets& set : {every_bar, polled}) {
    SeveralRig rig(several_recipe(kMinutes, set));
    rig.play({bars});
    const auto report = verdict_regrets(*rig.loop, *rig.store, *rig.registry, rig.recipe, 30 * kDayMs);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_FALSE(report->verdicts.empty());
    const VerdictRegret& first = report->verdicts.front();
    ASSERT_TRUE(first.why_not.empty()) << first.why_not;
    const auto predictions = rig.store->predictions().read_after(0, 10'000);
    ASSERT_TRUE(predictions.has_value());
    std::vector<TimeMs> asked;
    for (const Prediction& prediction : *predictions) {
      const TimeMs close = prediction.bar_open_time + kMinuteMs;
      if (close < first.at || close > bars.close_time(bars.size() - 3)) continue;
      if (close < first.counts_until) {
        EXPECT_EQ(prediction.version, first.chosen) << format_time(close);
      }
      asked.push_back(close);
    }
    EXPECT_EQ(first.closes, asked);
    EXPECT_GT(asked.size(), 60U);
    EXPECT_FALSE(std::ranges::count(asked, bars.close_time(2 * 390 - 1)))
        << "nobody is asked at a session's last bar";
  }
}

TEST(VerdictRegret, SaysWhyAVerdictCannotBeFollowed) {
  Sets set = plain_sets();
  set.emplace_back("gate", "{policy: never, first_model: false}");
  set.emplace_back("shadow", "{refit_kept: false}");
  Rig rig(set);
  rig.feed(rig_bars(700), 0, 700);
  const RegretReport report = regrets_of(rig);
  ASSERT_FALSE(report.verdicts.empty());
  EXPECT_EQ(report.followed, 0);
  EXPECT_TRUE(report.differences.empty());
  EXPECT_NE(report.verdicts[0].why_not.find("was never fitted to the present"), std::string::npos)
      << report.verdicts[0].why_not;
}

}  // namespace
}  // namespace pawl::loop
