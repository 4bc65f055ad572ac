// A filter's process that ends and begins again knows what the one before knew.
#include "loop/trade_rig.h"

namespace pawl::loop {
namespace {

constexpr std::size_t kHours = 260;
// The market turns once under a fresh model, so that a watch, a rollback and a later swap lie in it.
const std::vector<std::size_t> kTurns = {54, 150};

class RestoredFilter : public testing::TestWithParam<std::size_t> {};

TEST_P(RestoredFilter, C5DecidesAsIfItHadNeverStopped) {
  const BarSeries bars = one_way_bars(kHours, kTurns);
  TradeRig straight, stopped;
  straight.live(bars, 0, GetParam());
  stopped.live(bars, 0, GetParam());
  // A run that is under way dies with its process; the comparison begins where there is none.
  std::size_t at = GetParam();
  for (; straight.line().busy; ++at) {
    straight.live(bars, at, at + 1);
    stopped.live(bars, at, at + 1);
  }
  const std::size_t before = straight.decisions.lines().size();
  ASSERT_EQ(stopped.decisions.lines().size(), before);
  stopped.reopen();
  const Status restored = stopped.loop->restore({});
  ASSERT_TRUE(restored.has_value()) << restored.error().message;

  const auto state = [](TradeRig& rig) {
    const TradeLine& line = rig.filter();
    const outcomes::SignalTally &since = line.performance.since_retrain(), &ever = line.performance.ever();
    return std::vector<std::int64_t>{since.signals,
                                     since.correct,
                                     since.outcomes,
                                     ever.signals,
                                     ever.correct,
                                     ever.outcomes,
                                     line.data_count(),
                                     line.closed_trades(),
                                     line.new_samples(),
                                     line.tally().right,
                                     line.tally().refused,
                                     line.bars(),
                                     line.newest_known_at(),
                                     line.watch.on(),
                                     line.watch.judge().trades,
                                     static_cast<std::int64_t>(line.open_trades()),
                                     static_cast<std::int64_t>(line.followed_trades())};
  };
  EXPECT_EQ(state(stopped), state(straight));
  EXPECT_EQ(stopped.line().last_retrain_at, straight.line().last_retrain_at);
  EXPECT_EQ(stopped.line().last_trained_to, straight.line().last_trained_to);
  EXPECT_EQ(stopped.line().last_checked_at, straight.line().last_checked_at);

  straight.live(bars, at, kHours);
  stopped.live(bars, at, kHours);
  EXPECT_EQ(stopped.decisions.lines(), straight.decisions.lines());
  EXPECT_GE(straight.events_of("rollback").size(), 1U) << "or this proves little";
}

INSTANTIATE_TEST_SUITE_P(Hours, RestoredFilter, testing::Values(1, 30, 56, 60, 64, 80, 120, 200));

// Bars that were imported while nobody followed have ended a refused signal: it closes with the next event.
TEST(RestoredFilterBars, C6SignalsThatEndedWhileTheProcessWasAwayCloseOnReturn) {
  const BarSeries bars = one_way_bars(120);
  TradeRig rig;
  rig.live(bars, 0, 80);
  ASSERT_GT(rig.filter().followed_trades(), 0U);
  const std::int64_t closed = rig.filter().closed_trades();
  for (std::size_t i = 80; i < 100; ++i) {
    const Bar bar = bars[i];
    ASSERT_TRUE(rig.store->bars().append("EUR_USD", kH1, std::span(&bar, 1), bar.known_at()).has_value());
  }
  rig.reopen();
  ASSERT_TRUE(rig.loop->restore({}).has_value());
  EXPECT_EQ(rig.filter().closed_trades(), closed) << "reading back changes nothing";
  EXPECT_EQ(rig.filter().followed_trades(), 0U);
  rig.step(bars[100]);
  EXPECT_GT(rig.filter().closed_trades(), closed);
  EXPECT_TRUE(rig.stored("t79").close.has_value());
}

}  // namespace
}  // namespace pawl::loop
