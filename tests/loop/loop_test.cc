// The circle, step by step: when a run begins, what it costs, and when what it found may serve.
#include "loop/loop.h"

#include <algorithm>

#include "loop/loop_rig.h"
#include "loop/replay.h"

namespace pawl::loop {
namespace {

constexpr std::size_t kEnough = 500;  // bars after which the rig's recipe can train

Json payload_of(const Event& event) {
  auto json = parse_json(event.payload);
  EXPECT_TRUE(json.has_value()) << event.payload;
  return *json;
}

TEST(Loop, ServesTheOldVersionUntilTheTrainingTimeHasPassed) {
  Rig rig(Sets{{"training.latency_minutes", "90"}});
  const BarSeries bars = rig_bars(kEnough + 4);
  rig.feed(bars, 0, kEnough - 1);
  rig.ask_for_training();
  rig.feed(bars, kEnough - 1, kEnough);
  const TimeMs started = bars.close_time(kEnough - 1), due = started + 90 * kMinuteMs;
  ASSERT_EQ(rig.runs().size(), 1U);
  EXPECT_EQ(rig.runs()[0].state, store::RunState::running);
  EXPECT_EQ(rig.runs()[0].reason, "manual: a test wants it");
  EXPECT_TRUE(rig.line().busy);

  rig.feed(bars, kEnough, bars.size());
  for (const Prediction& prediction : rig.predictions()) {
    EXPECT_EQ(prediction.version.value, prediction.known_at > due ? 1 : 0)
        << format_time(prediction.known_at);
  }
  const std::vector<Event> swaps = rig.events_of("swap"), verdicts = rig.events_of("verdict");
  ASSERT_EQ(swaps.size(), 1U);
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(swaps[0].known_at, due);
  EXPECT_EQ(verdicts[0].known_at, due);
  ASSERT_EQ(rig.loop->finished_runs().size(), 1U);
  const RunReport& run = rig.loop->finished_runs()[0];
  EXPECT_EQ(run.started_at, started);
  EXPECT_EQ(run.known_at, due);
  EXPECT_EQ(run.verdict(), "promote");
  EXPECT_EQ(rig.line().last_retrain_at, due);
  EXPECT_FALSE(rig.line().busy);
  EXPECT_EQ(rig.runs()[0].state, store::RunState::completed);
  EXPECT_EQ(rig.runs()[0].known_at, due);
}

TEST(Loop, TellsEverythingInTheOrderInWhichItBecameKnown) {
  Rig rig(Sets{{"training.cooldown_hours", "48"}, {"triggers", "[{kind: samples, min_samples: 20}]"}});
  const BarSeries bars = rig_bars(900);
  rig.feed(bars, 0, bars.size());
  ASSERT_TRUE(rig.loop->drain().has_value());
  ASSERT_GT(rig.events_of("swap").size(), 3U);
  TimeMs last = 0;
  std::int64_t seq = 0;
  for (const Event& event : rig.events) {
    EXPECT_GE(event.known_at, last) << event.kind;
    EXPECT_EQ(event.ingest_seq, ++seq);
    last = event.known_at;
  }
}

TEST(Loop, DefersARunWithoutEnoughRowsAndTriesAgainADayLater) {
  Rig rig;
  const BarSeries bars = rig_bars(400);
  rig.feed(bars, 0, 99);
  rig.ask_for_training();
  rig.feed(bars, 99, 280);
  EXPECT_TRUE(rig.runs().empty()) << "a deferral is no run";
  EXPECT_TRUE(rig.executor.jobs.empty());
  const std::vector<Event> deferred = rig.events_of("deferred");
  ASSERT_EQ(deferred.size(), 8U);
  for (std::size_t i = 0; i < deferred.size(); ++i) {
    EXPECT_EQ(deferred[i].known_at, bars.close_time(99 + 24 * i));
    EXPECT_EQ(payload_of(deferred[i])["retry_at"], format_time(bars.close_time(99 + 24 * (i + 1))));
  }
  EXPECT_EQ(payload_of(deferred[0])["why"], "BTC/USDT: 100 bars are known and 300 are needed");
  EXPECT_EQ(payload_of(deferred[0])["trigger"], "manual");

  rig.feed(bars, 280, 400);
  ASSERT_EQ(rig.runs().size(), 1U) << "it was asked for once";
  EXPECT_EQ(rig.runs()[0].started_at, bars.close_time(99 + 24 * 9));
}

TEST(Loop, KeepsTheCoolDownBetweenTheStartsOfRuns) {
  Rig rig(Sets{{"training.cooldown_hours", "24"}, {"triggers", "[{kind: samples, min_samples: 1}]"}});
  const BarSeries bars = rig_bars(kEnough);
  rig.feed(bars, 0, bars.size());
  const std::vector<store::RunRecord> runs = rig.runs();
  ASSERT_GT(runs.size(), 3U);
  for (std::size_t i = 1; i < runs.size(); ++i) {
    EXPECT_EQ(runs[i].started_at - runs[i - 1].started_at, kDayMs);
  }
}

// B8.
TEST(Loop, GoesOnWithTheOldModelWhenTheTrainerFailsAndTriesAgainLaterAndLater) {
  Rig rig(Sets{{"triggers", "[{kind: samples, min_samples: 1}]"}});
  const BarSeries bars = rig_bars(345);
  rig.executor.fail_next(2);
  rig.feed(bars, 0, bars.size());

  const std::vector<store::RunRecord> runs = rig.runs();
  ASSERT_GT(runs.size(), 3U);
  const TimeMs first = runs[0].started_at;
  EXPECT_EQ(runs[0].state, store::RunState::failed);
  EXPECT_EQ(runs[1].state, store::RunState::failed);
  EXPECT_EQ(runs[2].state, store::RunState::completed);
  // Half an hour of training and an hour of waiting; half an hour and two hours.
  EXPECT_EQ(runs[1].started_at, first + 2 * kHourMs);
  EXPECT_EQ(runs[2].started_at, first + 5 * kHourMs);

  const std::vector<Event> failures = rig.events_of("run_failed");
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(payload_of(failures[0])["why"], "the trainer ran out of memory");
  EXPECT_EQ(failures[0].known_at, first + 30 * kMinuteMs);
  for (const Prediction& prediction : rig.predictions()) {
    if (prediction.known_at < first + 5 * kHourMs) {
      EXPECT_EQ(prediction.version.value, 0);
    }
  }
  EXPECT_EQ(rig.line().failures, 0) << "a completed run starts the count afresh";
  EXPECT_EQ(rig.predictions().size(), bars.size() - 25) << "not one bar went without an answer";
}

TEST(Loop, KeepsNothingOfAChallengerWhoseRefitFailed) {
  Rig rig;
  const BarSeries bars = rig_bars(kEnough + 1);
  rig.executor.fail_next(1, 1);  // the fit passes, the refit does not
  rig.feed(bars, 0, kEnough - 1);
  rig.ask_for_training();
  rig.feed(bars, kEnough - 1, bars.size());
  ASSERT_EQ(rig.executor.jobs.size(), 2U);
  EXPECT_EQ(rig.executor.jobs[1].kind, training::JobKind::refit);
  EXPECT_EQ(rig.runs()[0].state, store::RunState::failed);
  auto versions = rig.registry->list();
  ASSERT_TRUE(versions.has_value());
  EXPECT_EQ(versions->size(), 1U) << "the baseline alone";
  EXPECT_TRUE(rig.events_of("verdict").empty());
}

TEST(Loop, CutsEveryJobWhereItsKindMustEnd) {
  Rig rig;
  const BarSeries bars = rig_bars(kEnough);
  rig.feed(bars, 0, kEnough - 1);
  rig.ask_for_training();
  rig.feed(bars, kEnough - 1, kEnough);
  const TimeMs now = bars.close_time(kEnough - 1);
  ASSERT_EQ(rig.executor.jobs.size(), 2U);
  const training::Job &fit = rig.executor.jobs[0], &refit = rig.executor.jobs[1];
  // J is 10 days but at most a third of the 500 bars; h + 1 = 4 bars until a label is known, embargo 4.
  const TimeMs judged_from = bars.close_time(kEnough - 166 - 1);
  EXPECT_EQ(fit.kind, training::JobKind::fit);
  EXPECT_EQ(fit.cut, judged_from - 8 * kHourMs);
  EXPECT_EQ(fit.series[0].bars.back().close_time, fit.cut);
  EXPECT_EQ(refit.kind, training::JobKind::refit);
  EXPECT_EQ(refit.cut, now - 4 * kHourMs);
  EXPECT_EQ(refit.series[0].bars.back().close_time, refit.cut);
  EXPECT_EQ(refit.seed, fit.seed);
  EXPECT_TRUE(refit.frozen_rounds.has_value());
  EXPECT_FALSE(fit.frozen_rounds.has_value());
}

TEST(Loop, MakesNoRefitForAChallengerThatTheGateKeeps) {
  Rig rig(Sets{{"gate.policy", "never"}, {"gate.first_model", "false"}});
  const BarSeries bars = rig_bars(kEnough + 2);
  rig.feed(bars, 0, kEnough - 1);
  rig.ask_for_training();
  rig.feed(bars, kEnough - 1, bars.size());
  ASSERT_EQ(rig.loop->finished_runs().size(), 1U);
  EXPECT_EQ(rig.loop->finished_runs()[0].verdict(), "keep");
  EXPECT_EQ(rig.executor.jobs.size(), 1U);
  EXPECT_TRUE(rig.events_of("swap").empty());
  EXPECT_EQ(rig.line().last_retrain_at, rig.loop->finished_runs()[0].known_at)
      << "a refusal resets the clocks too";
}

// Two lines of one group; the second symbol's market opens later and misses an hour now and then.
class Group : public testing::Test {
 protected:
  Group()
      : rig(Sets{{"symbols", "[BTC/USDT, ETH/USDT]"},
                 {"group", "true"},
                 {"triggers", "[{kind: samples, min_samples: 200}]"}}) {
    const BarSeries all = rig_bars(700, 4);
    series.push_back(rig_bars(700));
    series.emplace_back();
    for (std::size_t i = 40; i < all.size(); ++i) {
      if (i % 97 != 0) series[1].append(all[i]);
    }
  }
  Rig rig;
  std::vector<BarSeries> series;
};

TEST_F(Group, BatchesTheBarsThatCloseTogether) {
  ASSERT_TRUE(replay(*rig.loop, series, {}).has_value());
  TimeMs last = 0;
  std::vector<std::size_t> taken(2, 0);
  for (const Event& event : rig.events_of("bar")) {
    EXPECT_GE(event.known_at, last);
    last = event.known_at;
    const std::size_t which = event.line == "BTC_USDT" ? 0 : 1;
    EXPECT_EQ(event.known_at, series[which].close_time(taken[which]++));
  }
  EXPECT_EQ(taken[0], series[0].size());
  EXPECT_EQ(taken[1], series[1].size());
  EXPECT_EQ(rig.events_of("gap").size(), 7U) << "holes are told";
}

TEST_F(Group, IsTriggeredJudgedAndSwappedAsOne) {
  ASSERT_TRUE(replay(*rig.loop, series, {}).has_value());
  ASSERT_FALSE(rig.loop->finished_runs().empty());
  for (const RunReport& run : rig.loop->finished_runs()) {
    ASSERT_TRUE(run.completed()) << run.failure;
    EXPECT_EQ(run.lines, (std::vector<LineId>{"rig/BTC_USDT", "rig/ETH_USDT"}));
    ASSERT_EQ(run.by_line.size(), 2U);
    EXPECT_EQ(run.by_line[1].symbol, "ETH/USDT");
    EXPECT_EQ(run.to_json()["by_line"].size(), 2U);
  }
  // The second line has too few bars for the first run: it takes no part, and does not hold up the other.
  const std::vector<Event> swaps = rig.events_of("swap");
  ASSERT_GE(rig.loop->finished_runs().size(), 2U);
  ASSERT_EQ(swaps.size(), 2 * rig.loop->finished_runs().size() - 1);
  EXPECT_FALSE(rig.loop->finished_runs()[0].by_line[1].evidence.eligible);
  EXPECT_EQ(swaps[1].known_at, swaps[2].known_at);
  EXPECT_NE(swaps[1].line, swaps[2].line);
}

TEST_F(Group, TrainsNoneOfItsLinesWhenOneFails) {
  rig.executor.fail_next(1, 1);
  ASSERT_TRUE(replay(*rig.loop, series, {}).has_value());
  const RunReport& failed = rig.loop->finished_runs().front();
  EXPECT_FALSE(failed.completed());
  EXPECT_TRUE(failed.by_line.empty());
  for (const Event& swap : rig.events_of("swap")) EXPECT_GT(swap.known_at, failed.known_at);
}

// A promoted version 1, rolled back by hand: the line holds.
class Held : public testing::Test {
 protected:
  Held()
      : rig(Sets{{"triggers", "[{kind: samples, min_samples: 1}]"}, {"training.cooldown_hours", "24"}}),
        bars(rig_bars(900)) {
    std::size_t at = 0;
    while (rig.events_of("swap").empty()) rig.step(bars[at++]);
    // Before the next run begins, a day after the first.
    rig.feed(bars, at, at + 3);
    fed = at + 3;
  }
  void roll_back(std::optional<TimeMs> until) {
    auto to = rig.registry->roll_back(rig.line().id(), std::nullopt, rig.clock.now(), "hand", "it lost money",
                                      until);
    ASSERT_TRUE(to.has_value()) << to.error().message;
    EXPECT_EQ(to->value, 0);
  }
  Rig rig;
  BarSeries bars;
  std::size_t fed = 0;
};

TEST_F(Held, BeginsNoRunUntilItIsReleased) {
  roll_back(std::nullopt);
  const std::size_t runs = rig.runs().size();
  rig.feed(bars, fed, fed + 200);
  EXPECT_EQ(rig.runs().size(), runs);
  ASSERT_TRUE(rig.registry->release(rig.line().id()).has_value());
  rig.feed(bars, fed + 200, fed + 201);
  EXPECT_EQ(rig.runs().size(), runs + 1);
}

TEST_F(Held, BeginsAgainWhenTheTimeOfItsHoldHasPassed) {
  const TimeMs until = rig.clock.now() + 5 * kDayMs;
  roll_back(until);
  const std::size_t runs = rig.runs().size();
  rig.feed(bars, fed, fed + 200);
  ASSERT_GT(rig.runs().size(), runs);
  EXPECT_EQ(rig.runs()[runs].started_at, until);
}

TEST_F(Held, IsNotMovedByARunThatWasUnderWay) {
  rig.ask_for_training();
  std::size_t at = fed;
  while (!rig.line().busy) rig.step(bars[at++]);
  roll_back(std::nullopt);
  rig.step(bars[at]);
  const RunReport& run = rig.loop->finished_runs().back();
  EXPECT_FALSE(run.completed());
  EXPECT_NE(run.failure.find("holds"), std::string::npos) << run.failure;
  EXPECT_EQ(*rig.registry->champion(rig.line().id()), VersionNumber{0});
}

TEST(TrainNow, RunsAtTheNewestBarAndSwapsAtOnce) {
  Rig rig;
  const BarSeries bars = rig_bars(kEnough);
  rig.feed(bars, 0, 200);
  const auto early = rig.loop->train_now({0}, "by hand", 0);
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().code, ErrorCode::insufficient_data);
  EXPECT_TRUE(rig.runs().empty());

  rig.feed(bars, 200, kEnough);
  const auto run = rig.loop->train_now({0}, "by hand", 0);
  ASSERT_TRUE(run.has_value()) << run.error().message;
  EXPECT_EQ(run->reason, "manual: by hand");
  EXPECT_EQ(run->known_at, bars.close_time(kEnough - 1));
  EXPECT_EQ(run->verdict(), "promote");
  EXPECT_EQ(rig.line().live()->bundle.number.value, 1);
}

TEST(Loop, RefusesABarThatComesLate) {
  Rig rig;
  const BarSeries bars = rig_bars(3);
  rig.feed(bars, 0, 2);
  const Status late = rig.loop->step({.close_time = bars.close_time(1), .items = {{0, bars[0]}}});
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::bad_data);
}

}  // namespace
}  // namespace pawl::loop
