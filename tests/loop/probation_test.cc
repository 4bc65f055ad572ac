// What the gate lets through has to prove itself before it serves, where that is asked for.
#include <gtest/gtest.h>

#include <algorithm>

#include "loop/shadow_rig.h"

namespace pawl::loop {
namespace {

// What the gate lets through serves only once it has earned more beside the champion. The rules follow the
// trend of a market without one; the model knows its pattern.
TEST(Probation, AChallengerHasToProveItselfWhereThatIsAsked) {
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
  // Nobody is told that it was promoted before it is.
  for (const RunReport& run : rig.loop->finished_runs()) {
    EXPECT_EQ(run.verdict(), "keep");
    const Json json = run.to_json();
    EXPECT_EQ(json["verdict"], "keep");
    EXPECT_NE(json["probation"].get<std::string>().find("answers beside"), std::string::npos) << json;
  }
  EXPECT_FALSE(rig.payloads("verdict").at(0)["probation"].get<std::string>().empty());
  const Json swap = rig.payloads("swap").at(0);
  EXPECT_EQ(swap["action"], "promote");
  EXPECT_EQ(swap["actor"], "shadow");
  EXPECT_EQ(swap["run"], rig.loop->finished_runs().front().id);

  const BarSeries bars = planted_bars(5);
  SeveralRig cut(several_recipe(kBadPromotion, prove));
  cut.play({bars.slice(0, 1740)});
  cut.open();
  ASSERT_TRUE(cut.loop->restore({}));
  cut.play({bars.slice(1740, bars.size())});
  EXPECT_EQ(cut.payloads("swap"), rig.payloads("swap"));
}

// Bars [from, to) and the clock between them; runs that are under way stay so.
void walk(SeveralRig& rig, const BarSeries& bars, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const TimeMs close = bars.close_time(i);
    if (i > 0) {
      for (auto tick = rig.loop->next_tick(bars.close_time(i - 1)); tick && *tick < close;
           tick = rig.loop->next_tick(*tick)) {
        ASSERT_TRUE(rig.loop->tick(*tick));
      }
    }
    const Status stepped = rig.loop->step({.close_time = close, .items = {{0, bars[i]}}});
    ASSERT_TRUE(stepped) << stepped.error().message;
    if (rig.loop->next_tick(close - 1) == close) {
      ASSERT_TRUE(rig.loop->tick(close));
    }
  }
}

constexpr std::size_t kSecondRun = 5040;  // bars until it begins

const Sets kProve = {{"shadow", "{when: always, e_value: 2, rollback_e_value: 20, days: 30}"}};

TEST(Probation, DoesNotBeginOnALineThatAPersonHolds) {
  const BarSeries bars = planted_bars(5);
  SeveralRig rig(several_recipe(kBadPromotion, kProve));
  walk(rig, bars, 0, kSecondRun);
  Line& line = *rig.loop->lines()[0];
  ASSERT_EQ(line.live()->bundle.number, VersionNumber{1});
  ASSERT_TRUE(line.busy);
  ASSERT_TRUE(rig.loop->roll_back_by_hand(0, std::nullopt, std::nullopt, "it lost", "hand", rig.loop->now()));
  walk(rig, bars, kSecondRun, bars.size());
  const RunReport& last = rig.loop->finished_runs().back();
  EXPECT_FALSE(last.completed());
  EXPECT_NE(last.failure.find("holds since it was rolled back by hand"), std::string::npos) << last.failure;
  const std::vector<Json> shadows = rig.payloads("shadow");
  EXPECT_EQ(std::ranges::count_if(shadows, [](const Json& one) { return one["decision"] == "begin"; }), 1)
      << "that of the first run";
  EXPECT_EQ(line.live()->bundle.number, VersionNumber{0});
}

TEST(Probation, DoesNotBeginBesideAnotherChampionThanItsContestWasAgainst) {
  const BarSeries bars = planted_bars(5);
  SeveralRig rig(several_recipe(kBadPromotion, kProve));
  walk(rig, bars, 0, kSecondRun);
  ASSERT_TRUE(rig.loop->lines()[0]->busy);
  ASSERT_TRUE(rig.loop->roll_back_by_hand(0, std::nullopt, std::nullopt, "it lost", "hand", rig.loop->now()));
  ASSERT_TRUE(rig.loop->release_by_hand(0, "hand", rig.loop->now()));
  walk(rig, bars, kSecondRun, kSecondRun + 1);
  const RunReport& last = rig.loop->finished_runs().back();
  EXPECT_FALSE(last.completed());
  EXPECT_NE(last.failure.find("v000000 serves by now"), std::string::npos) << last.failure;
  EXPECT_FALSE(rig.loop->lines()[0]->probation.on());
}

// A run a week, and evidence that takes longer: the one that gathers it is not put off by those after it, and
// the champion that took over lately goes on being watched.
const Sets kWeekly = {{"triggers", R"([{kind: cron, schedule: "0 0 * * SUN"}])"},
                      {"shadow", "{when: always, e_value: 20, rollback_e_value: 20, days: 30}"}};

TEST(Probation, IsNotEndedByTheChallengersThatComeAfter) {
  const BarSeries bars = planted_bars(5, 2400);
  SeveralRig rig(several_recipe(kBadPromotion, kWeekly));
  walk(rig, bars, 0, bars.size());
  const std::vector<Json> shadows = rig.payloads("shadow"), swaps = rig.payloads("swap");
  ASSERT_GE(shadows.size(), 3u);
  EXPECT_EQ(shadows[0]["decision"], "begin");
  EXPECT_EQ(shadows[1]["decision"], "aside");
  EXPECT_EQ(shadows[1]["other"], shadows[0]["other"]) << "which is still on probation";
  EXPECT_NE(shadows[1]["challenger"], shadows[0]["other"]);
  EXPECT_NE(shadows[1]["reason"].get<std::string>().find("stays aside"), std::string::npos);
  ASSERT_FALSE(swaps.empty());
  EXPECT_EQ(swaps[0]["to"], shadows[0]["other"]);
  // Those that were set aside were not promoted.
  const auto runs = rig.store->runs().list();
  ASSERT_TRUE(runs);
  for (const store::RunRecord& run : *runs) {
    if (run.state == store::RunState::completed) {
      EXPECT_NE(run.verdict, "promote") << run.id;
    }
  }
  const auto beside = [&](std::size_t until) {
    SeveralRig stopped(several_recipe(kBadPromotion, kWeekly));
    walk(stopped, bars, 0, until);
    while (stopped.loop->lines()[0]->busy) {
      walk(stopped, bars, until, until + 1);
      ++until;
    }
    const Line& before = *stopped.loop->lines()[0];
    const std::vector<double> e_values = {before.former.watch.e_value(), before.probation.watch.e_value()};
    EXPECT_TRUE(before.former.on()) << "the version before the swap is still there to come back";
    EXPECT_TRUE(before.probation.on());
    stopped.open();
    EXPECT_TRUE(stopped.loop->restore({}));
    const Line& after = *stopped.loop->lines()[0];
    EXPECT_EQ((std::vector<double>{after.former.watch.e_value(), after.probation.watch.e_value()}), e_values);
    walk(stopped, bars, until, bars.size());
    EXPECT_EQ(stopped.payloads("shadow"), shadows);
    EXPECT_EQ(stopped.payloads("swap"), swaps);
  };
  TimeMs swapped = 0;
  std::size_t next_begin = 0;
  for (const Event& event : rig.events) {
    if (event.kind == "swap" && swapped == 0) swapped = event.known_at;
    if (event.kind == "shadow" && swapped != 0 && next_begin == 0)
      next_begin = bars.count_known_at(event.known_at);
  }
  ASSERT_GT(next_begin, 0u);
  beside(next_begin + 20);
  beside(next_begin + 60);
}

}  // namespace
}  // namespace pawl::loop
