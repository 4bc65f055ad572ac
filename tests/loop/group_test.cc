// A4: lines of a group are triggered, judged and moved as one, and those that cannot take part are named.
#include <utility>

#include "loop/several_rig.h"
#include "support/failing_executor.h"

namespace pawl::loop {
namespace {

constexpr const char* kGroup = R"(schema: 1
recipe: group
symbols: [EUR_USD, GBP_USD, USD_JPY, AUD_USD]
group: true
source: {kind: simulated}
features: [clv, ret(1), rsi(14)]
label: {kind: horizon_return, horizon_bars: 3}
model: {kind: xgboost, trees: 5, depth: 2}
signal: {kind: edge, min_edge: 0}
costs: {per_side_pips: 0.5}
validation: {window_days: 60, judged_days: 10, embargo_bars: 4, min_bars: 300, min_judged_rows: 50}
gate: {policy: composite, quorum: 2, min_improvement: 0.02, min_rows: 50}
triggers: [{kind: cron, schedule: "0 2 * * SUN"}]
training: {latency_minutes: 30, cooldown_hours: 0, threads: 2}
)";

std::vector<LineId> lines_of(const RunReport& run) {
  std::vector<LineId> lines;
  for (const LineReport& line : run.by_line) lines.push_back(line.line);
  return lines;
}

TEST(LinesOfAGroup, RunsEverySundayAtTwoAsOneRun) {
  SeveralRig rig(several_recipe(kGroup));
  rig.play(several_bars(4, 24 * 60));
  ASSERT_GE(rig.loop->finished_runs().size(), 5U);
  const std::vector<LineId> all = {"group/EUR_USD", "group/GBP_USD", "group/USD_JPY", "group/AUD_USD"};
  bool first = true;  // deferred from its Sunday until there were enough rows
  for (const RunReport& run : rig.loop->finished_runs()) {
    ASSERT_TRUE(run.completed()) << run.failure;
    EXPECT_EQ(run.trigger, "cron") << "A1";
    if (std::exchange(first, false)) continue;
    const CivilTime at = civil_from_time(run.started_at);
    EXPECT_EQ(at.weekday, 0);
    EXPECT_EQ(at.hour, 2);
    EXPECT_EQ(at.minute, 0) << "a tick of the clock, not the next bar";
    EXPECT_EQ(lines_of(run), all);
    EXPECT_EQ(run.known_at, run.started_at + 30 * kMinuteMs);
  }
}

TEST(LinesOfAGroup, NamesALineWhoseBarsHaveEndedAndCountsItAsNotImproved) {
  SeveralRig rig(several_recipe(kGroup));
  std::vector<BarSeries> bars = several_bars(4, 24 * 90);
  bars[3] = bars[3].slice(0, 24 * 40);
  rig.play(bars);
  const RunReport& last = rig.loop->finished_runs().back();
  ASSERT_EQ(last.by_line.size(), 4U);
  const Evidence& ended = last.by_line[3].evidence;
  EXPECT_FALSE(ended.eligible);
  EXPECT_EQ(ended.why_ineligible, "no bars since " + format_time(bars[3].back().close_time));
  EXPECT_EQ(last.by_line[3].verdict.decision, Decision::insufficient);
  EXPECT_NE(last.by_line[3].verdict.reasons.front().find("no bars since"), std::string::npos);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(last.by_line[i].evidence.eligible) << i;
  for (const Check& check : last.by_line[0].verdict.checks) {
    if (check.name != "quorum") continue;
    EXPECT_EQ(check.note, "lines of 4 that improved") << "the quorum does not shrink";
  }
}

TEST(LinesOfAGroup, LeavesALineThatHoldsWhereItIsAndSaysSo) {
  SeveralRig rig(several_recipe(kGroup, {{"gate.policy", "always"}, {"gate.min_rows", "50"}}));
  const std::vector<BarSeries> bars = several_bars(4, 24 * 60);
  std::vector<BarSeries> first, rest;
  for (const BarSeries& one : bars) {
    first.push_back(one.slice(0, 24 * 35));
    rest.push_back(one.slice(24 * 35, one.size()));
  }
  rig.play(first);
  const auto back =
      rig.registry->roll_back("group/GBP_USD", std::nullopt, rig.clock.now(), "hand", "it lost", {});
  ASSERT_TRUE(back.has_value()) << back.error().message;
  rig.play(rest);
  const RunReport& last = rig.loop->finished_runs().back();
  EXPECT_EQ(last.by_line[1].evidence.why_ineligible, "it holds after a rollback");
  EXPECT_EQ(last.by_line[0].verdict.decision, Decision::promote);
  EXPECT_EQ(*rig.registry->champion("group/GBP_USD"), *back) << "nothing moved it";
}

TEST(LinesOfAGroup, MovesSeveralLinesInOneTransactionOrNone) {
  SeveralRig rig(several_recipe(kGroup, {{"gate.policy", "always"}, {"gate.min_rows", "50"}}));
  std::vector<BarSeries> bars = several_bars(4, 24 * 60);
  for (BarSeries& one : bars) one = one.slice(0, 24 * 34);
  // Somebody moves one line's pointer while the run is under way: the contest of that line was against
  // another champion, so none of the four may move by this run.
  std::size_t runs_before = 0;
  std::size_t i = 0;
  BarBatch batch;
  bool moved = false;
  std::vector<VersionNumber> before;
  for (; i < bars[0].size() && (!moved || rig.loop->finished_runs().size() == runs_before); ++i) {
    batch.items.clear();
    batch.close_time = bars[0].close_time(i);
    for (std::size_t k = 0; k < 4; ++k) batch.items.push_back({k, bars[k][i]});
    for (auto tick = rig.loop->next_tick(bars[0].open_time(i)); tick && *tick < batch.close_time;
         tick = rig.loop->next_tick(*tick)) {
      ASSERT_TRUE(rig.loop->tick(*tick).has_value());
    }
    ASSERT_TRUE(rig.loop->step(batch).has_value());
    if (rig.loop->next_tick(batch.close_time - 1) == batch.close_time) {
      ASSERT_TRUE(rig.loop->tick(batch.close_time).has_value());
    }
    if (!moved && rig.loop->lines()[0]->busy && !rig.loop->finished_runs().empty()) {
      runs_before = rig.loop->finished_runs().size();
      for (const auto& line : rig.loop->lines())
        before.push_back(*rig.registry->champion(line->id()).value());
      ASSERT_TRUE(
          rig.registry->roll_back("group/USD_JPY", std::nullopt, rig.clock.now(), "hand", "by hand", {})
              .has_value());
      moved = true;
    }
  }
  ASSERT_TRUE(moved);
  const RunReport& run = rig.loop->finished_runs()[runs_before];
  EXPECT_FALSE(run.completed());
  for (const std::size_t line : {0U, 1U, 3U}) {
    EXPECT_EQ(**rig.registry->champion(rig.loop->lines()[line]->id()), before[line]) << "as before the run";
  }
}

TEST(LinesOfAGroup, DecidesTheSameAtOneAndTwoThreads) {
  std::vector<std::string> hashes;
  for (const int threads : {1, 2}) {
    SeveralRig rig(several_recipe(kGroup));
    rig.executor = training::make_inline_executor(rig.files, {}, 0, threads);
    rig.open();
    rig.play(several_bars(4, 24 * 50));
    EXPECT_GT(rig.loop->finished_runs().size(), 3U);
    hashes.push_back(rig.decisions.sha256());
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

TEST(LinesOfAGroup, CountsAPipOfTheYenAsAHundredthOfAYen) {
  const recipe::Recipe recipe = several_recipe(kGroup);
  EXPECT_DOUBLE_EQ(recipe.costs_of(recipe.symbols[0]).fraction(1.25), 0.5 * 0.0001 / 1.25);
  EXPECT_DOUBLE_EQ(recipe.costs_of(recipe.symbols[2]).fraction(125.0), 0.5 * 0.01 / 125.0);
}

// The one that was refused is only fitted to the present to be followed: that its trainer dies takes nothing
// from the one that was promoted.
TEST(LinesOfAGroup, ARefusedOneThatCannotBeRefittedFailsNothing) {
  SeveralRig rig(
      several_recipe(kGroup, {{"symbols", "[EUR_USD, GBP_USD]"},
                              {"gate", "{policy: threshold, min_accuracy: 0.58, min_f1: 0, min_rows: 50}"},
                              {"validation.min_bars", "1000"},
                              {"shadow", "{when: always}"}}));
  auto failing = std::make_unique<test::FailingExecutor>(std::move(rig.executor));
  test::FailingExecutor& executor = *failing;
  rig.executor = std::move(failing);
  rig.open();
  std::vector<BarSeries> bars;
  for (const double edge : {0.8, 0.0}) {
    market::SimulatedSettings settings{.bars = 24 * 50, .edge = edge, .seed = 7};
    bars.push_back(market::simulate(settings, 3).bars);
  }
  executor.fail_next(1, 3);  // two fits and the promoted line's refit before it
  rig.play(bars);
  ASSERT_FALSE(rig.loop->finished_runs().empty());
  const RunReport& first = rig.loop->finished_runs().front();
  ASSERT_TRUE(first.completed()) << first.failure;
  ASSERT_EQ(first.by_line.size(), 2U);
  EXPECT_EQ(first.by_line[0].verdict.decision, Decision::promote) << first.to_json();
  EXPECT_EQ(first.by_line[1].verdict.decision, Decision::keep);
  EXPECT_EQ(first.by_line[1].refit_failure, "the trainer ran out of memory");
  EXPECT_EQ(first.to_json()["by_line"][1]["refit_failure"], "the trainer ran out of memory");
  const auto versions = rig.registry->list("group/EUR_USD");
  ASSERT_TRUE(versions.has_value());
  EXPECT_EQ((*versions)[1].state == "kept", false) << "it serves, or has served";
}

}  // namespace
}  // namespace pawl::loop
