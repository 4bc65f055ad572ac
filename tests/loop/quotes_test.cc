// E1: a quote is asked for on a grid of time, an old one is none, and outside the session nobody asks. E2:
// every prediction within its session gets an outcome.
#include <set>

#include "loop/several_rig.h"

namespace pawl::loop {
namespace {

constexpr const char* kMinute = R"yaml(schema: 1
recipe: minute
symbols: [QQQ]
bars: {base: M1, day_anchor: "America/New_York 00:00", session: "09:30-16:00", outside_session: drop}
source: {kind: simulated}
features: [clv, ret(1)]
label: {kind: horizon_return, horizon_bars: 10, sessions: within}
model: {kind: xgboost, trees: 5, depth: 2}
signal: {kind: edge, min_edge: 0, where: "ret(1)"
}
costs: {per_side_bp: 1}
validation: {judged_sessions: 1, min_bars: 500, min_judged_rows: 50}
gate: {policy: better}
quotes: {polling_interval_s: 60, stale_after_s: 90}
)yaml";

// Minutes of two sessions, some of them without a trade.
BarSeries session_bars(const std::set<int>& without = {}) {
  BarSeries bars;
  const BarSeries walk = several_bars(1, 900, kM1)[0];
  std::size_t next = 0;
  for (const int day : {2, 3}) {
    const TimeMs open = time_from_civil({.year = 2024, .month = 1, .day = day, .hour = 14, .minute = 30});
    for (int minute = 0; minute < 390; ++minute) {
      Bar bar = walk[next++];
      bar.open_time = open + minute * kMinuteMs;
      bar.close_time = bar.open_time + kMinuteMs;
      if (!without.contains(minute)) bars.append(bar);
    }
  }
  return bars;
}

std::vector<Prediction> predictions_of(const SeveralRig& rig) {
  auto read = rig.store->predictions().read_after(0, 10'000);
  EXPECT_TRUE(read.has_value());
  return *read;
}

TEST(Quotes, ArePredictedFromOnceAMinuteAtTheClose) {
  SeveralRig rig(several_recipe(kMinute));
  rig.play({session_bars()});
  const std::vector<Prediction> predictions = predictions_of(rig);
  // The rules' slow average needs 26 bars; the last bar of a session has no next one to fill at.
  EXPECT_EQ(predictions.size(), 2U * 390 - 25 - 2);
  for (const Prediction& prediction : predictions) {
    EXPECT_EQ(prediction.known_at, prediction.bar_open_time + kMinuteMs);
  }
}

TEST(Quotes, AreAskedForOnTheGridThatTheRecipeSays) {
  SeveralRig rig(several_recipe(kMinute, {{"quotes.polling_interval_s", "300"}}));
  rig.play({session_bars()});
  for (const Prediction& prediction : predictions_of(rig)) {
    EXPECT_EQ(prediction.known_at % (5 * kMinuteMs), 0);
  }
  EXPECT_EQ(predictions_of(rig).size(), 2U * (390 / 5 - 1) - 5);
}

TEST(Quotes, ThatAreStaleAreNoQuotes) {
  // No trade from minute 100 to 104: at 101 the newest close is a minute old, afterwards too old.
  SeveralRig rig(several_recipe(kMinute));
  const BarSeries bars = session_bars({100, 101, 102, 103, 104});
  rig.play({bars});
  std::set<TimeMs> asked_at;
  for (const Prediction& prediction : predictions_of(rig)) {
    EXPECT_TRUE(asked_at.insert(prediction.bar_open_time).second) << "one prediction a bar";
    EXPECT_LE(prediction.known_at - (prediction.bar_open_time + kMinuteMs), 90 * kSecondMs);
  }
  const std::vector<Json> stale = rig.payloads("stale_quote");
  ASSERT_EQ(stale.size(), 2U) << "told once a gap, in each session";
  EXPECT_EQ(stale[0]["quoted_at"], format_time(bars.close_time(99)));
}

// A market that has stopped trading for good is told of once, whatever others do beside it.
TEST(Quotes, ThatAreStaleAreToldOnceAMarket) {
  SeveralRig rig(several_recipe(kMinute, {{"symbols", "[QQQ, SPY]"}}));
  const BarSeries bars = session_bars();
  rig.play({bars, bars.slice(0, 200)});
  EXPECT_EQ(rig.payloads("stale_quote").size(), 1U);
}

TEST(Outcomes, ComeForEveryPredictionAfterTenBarsOrAtTheSessionsEnd) {
  SeveralRig rig(several_recipe(kMinute));
  const BarSeries bars = session_bars();
  rig.play({bars});
  const auto outcomes = rig.store->outcomes().read_after(0, 10'000);
  ASSERT_TRUE(outcomes.has_value());
  const std::vector<Prediction> predictions = predictions_of(rig);
  ASSERT_EQ(outcomes->size(), predictions.size()) << "E2: every prediction gets an outcome";
  std::map<std::int64_t, std::int64_t> held;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const Outcome& outcome = (*outcomes)[i];
    ++held[outcome.bars_held];
    const std::size_t entry = bars.count_opened_before(predictions[i].bar_open_time) + 1;
    EXPECT_EQ(outcome.entry_price, bars.open(entry));
    if (outcome.bars_held == 10 && outcome.exit_price == bars.open(entry + 10)) continue;
    const std::size_t last = entry < 390 ? 389 : 779;
    EXPECT_EQ(outcome.exit_price, bars.close(last)) << "never across a session's end";
    EXPECT_EQ(outcome.bars_held, static_cast<std::int64_t>(last - entry + 1));
    EXPECT_EQ(outcome.known_at, bars.close_time(last));
  }
  for (std::int64_t bars_held = 1; bars_held < 10; ++bars_held) EXPECT_EQ(held[bars_held], 2) << bars_held;
}

// E3: history that was imported and bars that came live are one series, each bar once, however they overlap.
TEST(LiveRows, AreJoinedWithHistoricalOnesOnceEach) {
  const BarSeries bars = session_bars();
  SeveralRig rig(several_recipe(kMinute));
  std::vector<Bar> history, overlapping;
  for (std::size_t i = 0; i < 500; ++i) history.push_back(bars[i]);
  for (std::size_t i = 400; i < 600; ++i) overlapping.push_back(bars[i]);
  ASSERT_TRUE(rig.store->bars().append("QQQ", kM1, history, bars.close_time(499)).has_value());
  const auto again = rig.store->bars().append("QQQ", kM1, overlapping, bars.close_time(599));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->duplicates, 100);
  ASSERT_TRUE(rig.loop->restore({}).has_value());
  EXPECT_EQ(rig.loop->series(0).bars().size(), 600U);
  rig.play({bars.slice(600, bars.size())});
  const BarSeries& joined = rig.loop->series(0).bars();
  ASSERT_EQ(joined.size(), bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) ASSERT_EQ(joined[i], bars[i]);
}

// E4: what is learnt is what happened ten bars later, never what a model had said: two lines whose models say
// the opposite of each other train on the same rows.
TEST(Labels, AreWhatHappenedAndNotWhatWasPredicted) {
  std::vector<std::string> trained;
  std::vector<Side> first_side;
  for (const char* rule : {"trend", "revert"}) {
    SeveralRig rig(several_recipe(kMinute, {{"baseline.rule", rule}, {"signal.where", "close"}}));
    rig.play({session_bars()});
    first_side.push_back(predictions_of(rig).front().side);
    const auto report = rig.loop->train_now({0}, "a test", rig.clock.now());
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_TRUE(report->completed()) << report->failure;
    const auto version = rig.registry->load("minute/QQQ", {1});
    ASSERT_TRUE(version.has_value());
    trained.push_back((*version)->bundle.judged.model_bytes);
  }
  EXPECT_NE(first_side[0], first_side[1]);
  EXPECT_EQ(trained[0], trained[1]);
}

TEST(Signals, AreOnlyWhereTheRecipeSays) {
  SeveralRig rig(several_recipe(kMinute));
  const BarSeries bars = session_bars();
  rig.play({bars});
  int allowed = 0;
  for (const Prediction& prediction : predictions_of(rig)) {
    const std::size_t bar = bars.count_opened_before(prediction.bar_open_time);
    const bool rose = bars.close(bar) > bars.close(bar - 1);
    if (!rose) {
      EXPECT_EQ(prediction.side, Side::hold);
    }
    allowed += rose ? 1 : 0;
  }
  EXPECT_GT(allowed, 200);
  EXPECT_EQ(rig.loop->lines()[0]->performance.ever().signals,
            static_cast<std::int64_t>(std::ranges::count_if(
                predictions_of(rig), [](const Prediction& p) { return p.side != Side::hold; })));
}

}  // namespace
}  // namespace pawl::loop
