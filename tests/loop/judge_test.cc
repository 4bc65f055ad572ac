// A judgement by hand, with the gate that remembers: it says of a run's own pair what the run said.
#include <gtest/gtest.h>

#include "loop/loop_rig.h"

namespace pawl::loop {
namespace {

// A budget that a second run within minutes does not exhaust, so that what differs is what was remembered.
Sets sound_sets(const std::string& claim) {
  return {{"label.horizon_bars", "1"},
          {"model", "{kind: logistic}"},
          {"validation.judged_days", "20"},
          {"triggers", "[{kind: samples, min_samples: 100000}]"},
          {"gate", fmt::format("{{policy: sound, claim: {}, min_rows: 100, min_labels: 20, errors_per_year: "
                               "1000}}",
                               claim)}};
}

Json checks_of(const LineReport& line) {
  Json checks = Json::array();
  for (const Check& check : line.verdict.checks) checks.push_back(to_json(check));
  return checks;
}

TEST(Judge, SaysOfARunsOwnPairWhatTheRunSaid) {
  for (const std::string claim : {"superior", "not_worse"}) {
    Rig rig(sound_sets(claim));
    const BarSeries bars = rig_bars(1100);
    std::size_t fed = 0;
    for (const std::size_t until : {900U, 1000U, 1100U}) {
      rig.feed(bars, fed, until);
      fed = until;
      const auto run = rig.loop->train_now({0}, "a test", rig.loop->now());
      ASSERT_TRUE(run.has_value()) << run.error().message;
      const LineReport& told = run->by_line.at(0);
      // As `pawl judge` has it: another process over the same store, and no bar since.
      rig.reopen();
      ASSERT_TRUE(rig.loop->restore({}));
      const auto judged = rig.loop->judge(
          {{.line = 0, .challenger = told.evidence.challenger, .against = told.evidence.champion}});
      ASSERT_TRUE(judged.has_value()) << judged.error().message;
      const LineReport& again = judged->at(0);
      EXPECT_EQ(again.verdict.decision, told.verdict.decision) << until;
      EXPECT_EQ(checks_of(again), checks_of(told)) << until;
      EXPECT_EQ(again.verdict.reasons, told.verdict.reasons) << until;
      EXPECT_EQ(again.evidence.trials, told.evidence.trials);
      EXPECT_EQ(again.evidence.earlier_contests.size(), told.evidence.earlier_contests.size());
      EXPECT_FALSE(again.evidence.years_since_contest) << "nothing is attempted";
      EXPECT_FALSE(again.verdict.checks.empty());
    }
  }
}

// However often one looks, and however soon after a run: the level is the gate's own.
TEST(Judge, HasNoErrorBudgetToShare) {
  Sets set = sound_sets("superior");
  set.back().second = "{policy: sound, claim: superior, min_rows: 100, min_labels: 20}";
  Rig rig(set);
  rig.feed(rig_bars(900), 0, 900);
  const auto run = rig.loop->train_now({0}, "a test", rig.loop->now());
  ASSERT_TRUE(run.has_value()) << run.error().message;
  const Evidence& told = run->by_line.at(0).evidence;
  for (int look = 0; look < 2; ++look) {
    const auto judged =
        rig.loop->judge({{.line = 0, .challenger = told.challenger, .against = told.champion}});
    ASSERT_TRUE(judged.has_value()) << judged.error().message;
    EXPECT_EQ(judged->at(0).verdict.checks.at(0).name, "p_superior");
    EXPECT_EQ(judged->at(0).verdict.checks.at(0).limit, 0.025);
  }
}

// What a line remembers of its contests is what a process that goes on remembers: the prior, the budget and
// the trials of the next run are the same.
TEST(Judge, ARestartForgetsNoContest) {
  Sets set = sound_sets("not_worse");
  set.back().second =
      "{policy: sound, claim: not_worse, min_rows: 100, min_labels: 20, errors_per_year: 0.5}";
  Rig straight(set), stopped(set);
  const BarSeries bars = rig_bars(1100);
  std::size_t fed = 0;
  for (const std::size_t until : {900U, 1000U, 1100U}) {
    std::vector<LineReport> told;
    for (Rig* rig : {&straight, &stopped}) {
      rig->feed(bars, fed, until);
      const auto run = rig->loop->train_now({0}, "a test", rig->loop->now());
      ASSERT_TRUE(run.has_value()) << run.error().message;
      told.push_back(run->by_line.at(0));
    }
    fed = until;
    EXPECT_EQ(checks_of(told[0]), checks_of(told[1])) << until;
    EXPECT_EQ(told[0].evidence.years_since_contest, told[1].evidence.years_since_contest);
    EXPECT_EQ(told[0].evidence.trials, told[1].evidence.trials);
    ASSERT_EQ(told[0].evidence.earlier_contests.size(), told[1].evidence.earlier_contests.size());
    for (std::size_t i = 0; i < told[0].evidence.earlier_contests.size(); ++i) {
      EXPECT_EQ(to_json(told[0].evidence.earlier_contests[i]), to_json(told[1].evidence.earlier_contests[i]));
    }
    if (until > 900U) {
      EXPECT_EQ(told[1].evidence.earlier_contests.size(), until / 100 - 9);
      EXPECT_NEAR(*told[1].evidence.years_since_contest, 100.0 / (365.25 * 24), 1e-9);
      EXPECT_EQ(told[1].evidence.trials, static_cast<std::int64_t>(until / 100 - 8));
    }
    stopped.reopen();
    ASSERT_TRUE(stopped.loop->restore({}));
  }
}

// A group's run holds a contest for each of its lines, and each line takes its own again.
TEST(Judge, ARestartGivesEachLineOfAGroupItsOwnContests) {
  Sets set = sound_sets("not_worse");
  set.emplace_back("symbols", "[BTC/USDT, ETH/USDT]");
  set.emplace_back("group", "true");
  Rig rig(set);
  const BarSeries one = rig_bars(1000, 3), two = rig_bars(1000, 4);
  for (std::size_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(rig.loop->step({.close_time = one.close_time(i), .items = {{0, one[i]}, {1, two[i]}}}));
    if (i != 899 && i != 999) continue;
    const auto run = rig.loop->train_now({0, 1}, "a test", rig.loop->now());
    ASSERT_TRUE(run.has_value()) << run.error().message;
    ASSERT_EQ(run->by_line.size(), 2U);
  }
  const TimeMs later = rig.loop->now() + kDayMs;
  const auto told = [&](std::size_t line) {
    Evidence evidence;
    rig.line(line).contests.tell(evidence, later, Json::object());
    Json json = {{"trials", evidence.trials}, {"years", evidence.years_since_contest.value_or(-1)}};
    for (const ContestDifference& contest : evidence.earlier_contests)
      json["contests"].push_back(to_json(contest));
    return json;
  };
  const Json first = told(0), second = told(1);
  ASSERT_EQ(first["contests"].size(), 2U);
  EXPECT_EQ(first["trials"], 3);
  EXPECT_NE(first["contests"], second["contests"]) << "another market's say something else";
  rig.reopen();
  ASSERT_TRUE(rig.loop->restore({}));
  EXPECT_EQ(told(0), first);
  EXPECT_EQ(told(1), second);
}

}  // namespace
}  // namespace pawl::loop
