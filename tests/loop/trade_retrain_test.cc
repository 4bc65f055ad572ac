// C5: when a filter is retrained, and what becomes of a swap.
#include "loop/trade_rig.h"

namespace pawl::loop {
namespace {

TEST(TradeRetrain, C5ComesWithTheFrequencyAndEnoughNewTradesOneAtATime) {
  TradeRig rig(Sets{{"training.latency_minutes", "180"}});
  rig.live(one_way_bars(240), 0, 240);
  const std::vector<store::RunRecord> runs = rig.runs();
  ASSERT_GE(runs.size(), 3U);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    EXPECT_EQ(runs[i].trigger, "trades");
    EXPECT_EQ(runs[i].started_at % kHourMs, 0) << "looked at hourly";
    if (i == 0 || !runs[i - 1].known_at) continue;
    EXPECT_GE(runs[i].started_at - *runs[i - 1].known_at, 2 * kDayMs) << "never two at a time, nor too soon";
  }
  // 50 trades an hour apart and two to hold the last: the samples decide, not the two days.
  EXPECT_GE(runs[0].started_at - test::kWalkStart, 51 * kHourMs);
}

TEST(TradeRetrain, C5AFailedTrainingKeepsTheOldModelAndIsTriedAgain) {
  TradeRig rig;
  rig.executor.fail_next(1);
  rig.live(one_way_bars(90), 0, 90);
  ASSERT_GE(rig.loop->finished_runs().size(), 2U);
  EXPECT_FALSE(rig.loop->finished_runs()[0].completed());
  EXPECT_EQ(rig.events_of("run_failed").size(), 1U) << "which alerts follow";
  EXPECT_TRUE(rig.loop->finished_runs()[1].completed());
  const DurationMs wait = rig.loop->finished_runs()[1].started_at - rig.loop->finished_runs()[0].known_at;
  EXPECT_GE(wait, kHourMs);
  EXPECT_LE(wait, 2 * kHourMs);
}

// Nobody follows what a filter's gate refused, so nothing is trained for that.
TEST(TradeRetrain, DoesNotRefitWhatWasRefused) {
  TradeRig rig(Sets{{"gate", "{policy: threshold, min_f1: 1, min_accuracy: 1, min_rows: 1}"},
                    {"shadow", "{when: always}"}});
  rig.live(one_way_bars(90, {30, 41, 56, 70}), 0, 90);
  ASSERT_FALSE(rig.loop->finished_runs().empty());
  bool refused = false;
  for (const RunReport& run : rig.loop->finished_runs()) refused = refused || run.verdict() == "keep";
  EXPECT_TRUE(refused);
  EXPECT_FALSE(rig.executor.jobs.empty());
  for (const training::Job& job : rig.executor.jobs) EXPECT_EQ(job.kind, training::JobKind::fit);
}

TEST(TradeRetrain, C5ASwapThatDoesWellStays) {
  TradeRig rig;
  rig.live(one_way_bars(90), 0, 90);
  EXPECT_EQ(rig.events_of("swap").size(), 1U);
  ASSERT_EQ(rig.events_of("watch").size(), 1U);
  EXPECT_NE(rig.events_of("watch")[0].payload.find("10 closed trades"), std::string::npos);
  EXPECT_TRUE(rig.events_of("rollback").empty());
  EXPECT_FALSE(rig.filter().watch.on());
}

// The market turns as the model takes over: right half of the time the rules were, and the model never is.
TEST(TradeRetrain, C5ASwapThatDoesWorseIsTakenBackAfterNTrades) {
  TradeRig rig;
  rig.live(one_way_bars(100, {54}), 0, 100);
  ASSERT_EQ(rig.events_of("swap").size(), 1U);
  const std::vector<Event> rollbacks = rig.events_of("rollback");
  ASSERT_EQ(rollbacks.size(), 1U);
  const Json payload = *parse_json(rollbacks[0].payload);
  EXPECT_EQ(payload["actor"], "watch");
  EXPECT_EQ(payload["from"], "v000001");
  EXPECT_EQ(payload["to"], "v000000");
  EXPECT_EQ(payload["trades"], 10);
  EXPECT_LT(payload["new_accuracy"].get<double>(), payload["old_accuracy"].get<double>() - 0.05);
  EXPECT_EQ(rig.filter().live()->bundle.number.value, 0);
  EXPECT_EQ(rig.registry->champion("filter/pool")->value().value, 0);
  EXPECT_FALSE(rig.registry->holds("filter/pool", rollbacks[0].known_at + 1).value())
      << "the next run is judged like any other";
  // Both versions' answers are there to see why.
  bool shadowed = false;
  for (const Event& event : rig.events_of("trade_signal")) {
    shadowed = shadowed || event.payload.find(R"("former":)") != std::string::npos;
  }
  EXPECT_TRUE(shadowed);
  const auto& decisions = rig.decisions.lines();
  EXPECT_TRUE(std::any_of(decisions.begin(), decisions.end(), [](const std::string& line) {
    return line.find(R"("kind":"rollback")") != std::string::npos;
  }));
  // Two days after the last retrain the next one may come, and be promoted.
  rig.live(one_way_bars(200, {54}), 100, 200);
  EXPECT_GT(rig.filter().live()->bundle.number.value, 1);
}

// A person who let it serve again after all, on a line that holds: it stays for as long as the hold does.
TEST(TradeRetrain, TakesNothingBackFromALineThatHolds) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(100, {54});
  std::size_t at = 0;
  while (rig.filter().live()->bundle.number.value == 0) {
    ASSERT_LT(at, bars.size());
    rig.live(bars, at, at + 1);
    ++at;
  }
  ASSERT_TRUE(
      rig.loop->roll_back_by_hand(0, std::nullopt, std::nullopt, "it looks odd", "hand", rig.loop->now()));
  ASSERT_TRUE(rig.loop->promote_by_hand(0, VersionNumber{1}, false, "it stays", "hand", rig.loop->now()));
  rig.live(bars, at, bars.size());
  EXPECT_TRUE(rig.events_of("rollback").empty());
  EXPECT_EQ(rig.filter().live()->bundle.number.value, 1);
  EXPECT_TRUE(rig.registry->holds("filter/pool", rig.loop->now() + 365 * kDayMs).value()) << "until released";
}

// A look at two versions moves nothing, and the watch goes on.
TEST(TradeRetrain, C7AJudgementByHandLeavesAWatchAlone) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(100, {54});
  std::size_t hour = 0;
  for (; !rig.filter().watch.on(); ++hour) rig.live(bars, hour, hour + 1);
  const auto judged = rig.loop->judge({{.line = 0, .challenger = VersionNumber{0}, .against = {}}});
  ASSERT_TRUE(judged.has_value()) << judged.error().message;
  EXPECT_TRUE(rig.filter().watch.on());
  EXPECT_EQ(rig.filter().live()->bundle.number.value, 1);
  rig.live(bars, hour, 100);
  EXPECT_EQ(rig.events_of("rollback").size(), 1U);
}

TEST(TradeRetrain, C5APersonWhoMovesThePointerEndsTheWatch) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(100, {54});
  std::size_t hour = 0;
  for (; !rig.filter().watch.on(); ++hour) rig.live(bars, hour, hour + 1);
  ASSERT_TRUE(
      rig.registry
          ->roll_back("filter/pool", std::nullopt, bars.close_time(hour), "hand", "a test", std::nullopt)
          .has_value());
  ASSERT_TRUE(rig.line().serve(*rig.registry->load("filter/pool", {0})).has_value());
  rig.live(bars, hour, 100);
  EXPECT_TRUE(rig.events_of("rollback").empty());
  EXPECT_FALSE(rig.filter().watch.on());
}

TEST(TradeRetrain, C5WithoutAWatchNothingIsTakenBack) {
  TradeRig rig(Sets{{"trades.watch_trades", "0"}});
  rig.live(one_way_bars(100, {54}), 0, 100);
  EXPECT_TRUE(rig.events_of("rollback").empty());
  EXPECT_EQ(rig.filter().live()->bundle.number.value, 1);
}

}  // namespace
}  // namespace pawl::loop
