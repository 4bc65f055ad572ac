// Work for a live loop: settled once in every case, refused where it must be, durable before anybody is told.
#include <cmath>
#include <limits>

#include "loop/live_rig.h"

namespace pawl::loop {
namespace {

// Counts how often it was settled, and remembers how.
struct Settled {
  int times = 0;
  Status status;
  std::function<void(const Status&)> take() {
    return [this](const Status& given) {
      ++times;
      status = given;
    };
  }
};

TEST(LiveWork, IsRefusedBeforeALoopIsAttached) {
  const recipe::Recipe recipe = rig_recipe();
  serving::Board board(recipe.line_ids());
  EventHub hub;
  HandClock clock;
  WallTime time(clock, kHourMs, 0);
  Live live(recipe, board, hub, time, {});
  Settled settled;
  bool ran = false;
  live.post({.run = [&](Live&) { ran = true; }, .settled = settled.take()});
  EXPECT_FALSE(live.step().status);
  EXPECT_EQ(settled.times, 1);
  ASSERT_FALSE(settled.status);
  EXPECT_EQ(settled.status.error().code, ErrorCode::conflict);
  EXPECT_FALSE(ran);
}

TEST(LiveWork, IsRefusedOnceItCloses) {
  LiveRig rig;
  Settled waiting, late;
  rig.live.post({.run = [](Live&) { FAIL(); }, .settled = waiting.take()});
  rig.live.close();
  rig.live.post({.run = [](Live&) { FAIL(); }, .settled = late.take()});
  static_cast<void>(rig.live.step());
  for (const Settled* one : {&waiting, &late}) {
    EXPECT_EQ(one->times, 1);
    EXPECT_FALSE(one->status);
  }
}

TEST(LiveWork, IsToldWhenItIsDurableAndShownOnlyThen) {
  LiveRig rig;
  rig.clock.at = rig.bars[0].close_time;
  bool durable = false;
  Settled settled;
  rig.live.on_durable([&] { durable = true; });
  rig.live.post({.run =
                     [&](Live& live) {
                       EXPECT_TRUE(live.push_bars({{0, rig.bars[0], "bars[0]"}}, {}).has_value());
                       EXPECT_EQ(settled.times, 0);
                       EXPECT_EQ(rig.hub.end(), 0U) << "shown before it is kept";
                     },
                 .settled = settled.take()});
  const Live::Step step = rig.live.step();
  EXPECT_TRUE(step.status);
  EXPECT_TRUE(step.fed);
  EXPECT_TRUE(durable);
  EXPECT_EQ(settled.times, 1);
  EXPECT_TRUE(settled.status);
  EXPECT_GT(rig.hub.end(), 0U);
}

TEST(LiveWork, AStoreThatFailsRefusesUntilTheLoopIsMadeAgain) {
  for (const bool for_good : {false, true}) {
    LiveRig rig({}, 50);
    const auto shown = rig.hub.end();
    rig.clock.at = rig.bars[50].close_time;
    rig.steps.arm(for_good ? test::FaultSteps::Fault::fail_from_on : test::FaultSteps::Fault::fail_once, 1);
    const auto pushed = rig.push(rig.bars[50]);
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code, ErrorCode::io);
    EXPECT_EQ(rig.hub.end(), shown) << "what is not kept is not shown";
    EXPECT_FALSE(rig.live.step().status);
    EXPECT_TRUE(rig.board.model(0).get() != nullptr) << "what serves goes on serving";
    Settled settled;
    bool ran = false;
    rig.live.post({.run = [&](Live&) { ran = true; }, .settled = settled.take()});
    static_cast<void>(rig.live.step());
    EXPECT_EQ(settled.times, 1);
    EXPECT_FALSE(settled.status);
    EXPECT_FALSE(ran);

    rig.steps.disarm();
    rig.rebuild();
    EXPECT_EQ(rig.loop->series(0).bars().size(), 50U) << "nothing of the failed step is left";
    const auto again = rig.push(rig.bars[50]);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->added, 1);
  }
}

TEST(LiveBars, AreTakenOnceWhateverTheirOrder) {
  LiveRig rig({}, 40);
  rig.clock.at = rig.bars[44].close_time;
  std::vector<PushedBar> mixed;
  for (const std::size_t i : {43, 38, 41, 40, 42, 39})
    mixed.push_back({0, rig.bars[i], fmt::format("bars[{}]", i)});
  const auto report = rig.push(mixed);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->added, 4);
  EXPECT_EQ(report->duplicates, 2);
  EXPECT_EQ(report->revised, 0);
  ASSERT_EQ(report->predictions.size(), 1U) << "only the newest instant predicts";
  EXPECT_EQ(report->predictions[0].bar_open_time, rig.bars[43].open_time);
  EXPECT_EQ(rig.loop->series(0).bars().size(), 44U);
}

TEST(LiveBars, ArePredictedFromEachWhereThatIsAsked) {
  LiveRig rig({}, 40);
  rig.clock.at = rig.bars[44].close_time;
  std::vector<PushedBar> late;
  for (std::size_t i = 40; i < 44; ++i) late.push_back({0, rig.bars[i], "bars"});
  const auto report = rig.push(late, {.predict_all = true});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->predictions.size(), 4U);
}

TEST(LiveBars, ThatCameWithOtherValuesAreKeptBesideTheFirst) {
  LiveRig rig({}, 40);
  Bar other = rig.bars[39];
  other.high += 1;
  const auto report = rig.push(other);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->revised, 1);
  EXPECT_EQ(report->added, 0);
  EXPECT_EQ(rig.loop->series(0).bars().back().high, rig.bars[39].high) << "what was predicted from stays";
}

TEST(LiveBars, AGapIsRefusedUnlessSomebodySaysThatItStays) {
  LiveRig rig({}, 40);
  rig.clock.at = rig.bars[44].close_time;
  const auto refused = rig.push(rig.bars[42]);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find(format_time(rig.bars[40].open_time)), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(rig.loop->series(0).bars().size(), 40U);
  const auto taken = rig.push(rig.bars[42], {.accept_gap = true});
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->gaps.size(), 1U);
  // And once it is passed, what was missing cannot be put in between any more.
  EXPECT_FALSE(rig.push(rig.bars[41]));
}

TEST(LiveBars, ThatAreNoneAreNamedAndNothingOfThemIsTaken) {
  LiveRig rig({}, 40);
  rig.clock.at = rig.bars[41].close_time;
  const auto refused = [&](Bar bar, std::string_view part) {
    const auto report = rig.push({{0, rig.bars[40], "bars[0]"}, {0, bar, "bars[1]"}});
    ASSERT_FALSE(report) << part;
    EXPECT_EQ(report.error().code, ErrorCode::bad_data);
    EXPECT_NE(report.error().message.find("bars[1]"), std::string::npos) << report.error().message;
    EXPECT_NE(report.error().message.find(part), std::string::npos) << report.error().message;
    EXPECT_EQ(rig.loop->series(0).bars().size(), 40U) << "the good one beside it was taken";
  };
  Bar bar = rig.bars[41];
  bar.close = std::numeric_limits<double>::quiet_NaN();
  refused(bar, "close");
  bar = rig.bars[41];
  bar.low = -1;
  refused(bar, "low");
  bar = rig.bars[41];
  bar.open_time += 60'000;
  refused(bar, "is not where a H1 bar opens");
  refused(rig.bars[42], "which has not come yet");
  bar = rig.bars[40];
  refused(bar, "another bar of");
}

TEST(LiveRetrain, IsBegunWhenAskedForAndForcedPastTheGate) {
  LiveRig rig({{"gate.policy", "never"}}, 500);
  std::optional<Result<std::vector<std::int64_t>>> runs;
  const auto ask = [&](bool force) {
    runs.reset();
    rig.live.post({.run = [&](Live& live) { runs = live.request({}, "a person asks", false, force); },
                   .settled = [](const Status& status) { EXPECT_TRUE(status); }});
    static_cast<void>(rig.live.step());
  };
  ask(false);
  ASSERT_TRUE(runs && *runs) << runs->error().message;
  EXPECT_EQ((*runs)->size(), 1U);
  EXPECT_EQ(rig.loop->under_way().size(), 1U);
  ask(false);
  ASSERT_FALSE(*runs) << "one at a time";
  EXPECT_EQ(runs->error().code, ErrorCode::conflict);
  rig.train();
  EXPECT_EQ(rig.count("swap"), 1U) << "the first model is taken, whatever the gate";
  ask(false);
  ASSERT_TRUE(*runs) << runs->error().message;
  rig.train();
  EXPECT_EQ(rig.count("keep"), 1U);
  EXPECT_EQ(rig.board.model(0).get()->bundle.number.value, 1);
  static_cast<void>(rig.live.take_swapped());
  ask(true);
  ASSERT_TRUE(*runs) << runs->error().message;
  rig.train();
  EXPECT_EQ(rig.count("swap"), 2U);
  EXPECT_GT(rig.board.model(0).get()->bundle.number.value, 1);
  EXPECT_TRUE(rig.live.take_swapped());
  EXPECT_FALSE(rig.live.take_swapped());
}

TEST(LiveRetrain, ThatNeverEndsHoldsUpNothing) {
  LiveRig rig({}, 500);
  rig.live.post({.run = [](Live& live) { EXPECT_TRUE(live.request({}, "a person asks", false, false)); },
                 .settled = [](const Status&) {}});
  static_cast<void>(rig.live.step());
  ASSERT_EQ(rig.works.size(), 1U);
  for (std::size_t i = 500; i < 560; ++i) {
    rig.clock.at = rig.bars[i].close_time;
    const auto report = rig.push(rig.bars[i]);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->predictions.size(), 1U);
  }
  EXPECT_EQ(rig.loop->under_way().size(), 1U);
  // The next process finds it, says so, and begins it again with the next event.
  rig.rebuild();
  EXPECT_EQ(rig.count("run_interrupted"), 1U);
  rig.clock.at = rig.bars[560].close_time;
  ASSERT_TRUE(rig.push(rig.bars[560]));
  EXPECT_EQ(rig.works.size(), 1U);
  rig.train();
  EXPECT_EQ(rig.count("verdict"), 1U);
}

}  // namespace
}  // namespace pawl::loop
