// A process that ends and begins again knows what the one before knew.
#include <gtest/gtest.h>

#include "loop/loop_rig.h"

namespace pawl::loop {
namespace {

constexpr std::size_t kBars = 1100, kStop = 800;

// Retrains on win rate and age; latency as given.
Sets policy(const std::string& latency_minutes) {
  return {{"auto_training",
           "{min_win_rate_threshold: 0.5, first_training_signals: 100, max_days_between_retrain: 8}"},
          {"training.latency_minutes", latency_minutes},
          {"training.cooldown_hours", "24"}};
}

std::vector<std::string> after(const std::vector<std::string>& decisions, std::size_t first) {
  return {decisions.begin() + static_cast<std::ptrdiff_t>(first), decisions.end()};
}

class Restored : public testing::TestWithParam<const char*> {};

TEST_P(Restored, DecidesAsIfItHadNeverStopped) {
  const BarSeries bars = rig_bars(kBars, 11);
  Rig straight(policy(GetParam())), stopped(policy(GetParam()));
  straight.feed(bars, 0, kStop);
  stopped.feed(bars, 0, kStop);
  // A run that is under way dies with its process; the comparison begins where there is none.
  std::size_t at = kStop;
  while (straight.line().busy) {
    straight.step(bars[at]);
    stopped.step(bars[at++]);
  }
  const std::size_t before = straight.decisions.lines().size();
  ASSERT_EQ(stopped.decisions.lines().size(), before);
  ASSERT_GT(straight.loop->finished_runs().size(), 1U);

  stopped.reopen();
  const Status restored = stopped.loop->restore({});
  ASSERT_TRUE(restored.has_value()) << restored.error().message;
  const auto counts = [](Rig& rig) {
    const outcomes::SignalTally &since = rig.line().performance.since_retrain(),
                                &ever = rig.line().performance.ever();
    return std::vector<std::int64_t>{since.signals,
                                     since.correct,
                                     since.outcomes,
                                     ever.signals,
                                     ever.correct,
                                     ever.outcomes,
                                     static_cast<std::int64_t>(rig.series().open_predictions.open())};
  };
  EXPECT_EQ(counts(stopped), counts(straight));
  EXPECT_EQ(stopped.line().last_retrain_at, straight.line().last_retrain_at);
  EXPECT_EQ(stopped.line().last_attempt_at, straight.line().last_attempt_at);
  EXPECT_EQ(stopped.series().sides(), straight.series().sides());
  EXPECT_EQ(stopped.line().champion_scores.size(), straight.line().champion_scores.size());

  straight.feed(bars, at, kBars);
  stopped.feed(bars, at, kBars);
  EXPECT_EQ(after(stopped.decisions.lines(), before), after(straight.decisions.lines(), before));
}

// With an hour of latency a run ends at the very close of a bar, whose outcome is then the first that counts.
INSTANTIATE_TEST_SUITE_P(Loop, Restored, testing::Values("30", "60"),
                         [](const auto& param) { return std::string("Latency") + param.param; });

TEST(Restore, OfAnEmptyFolderIsABeginning) {
  Rig rig;
  ASSERT_TRUE(rig.loop->restore({}).has_value());
  EXPECT_TRUE(rig.series().bars().empty());
  EXPECT_EQ(rig.line().live()->bundle.number.value, 0);
}

}  // namespace
}  // namespace pawl::loop
