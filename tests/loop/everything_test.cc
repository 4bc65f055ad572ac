// With everything switched on at once — a gate that resamples and remembers, versions in the shadow,
// calibration, drift and its trigger, searches with their leak check — no event knows the future, a second
// run is the same to the last byte, and every prediction comes out again.
#include <gtest/gtest.h>

#include <set>

#include "loop/audit.h"
#include "loop/loop_rig.h"
#include "loop/replay.h"
#include "support/event_check.h"

namespace pawl::loop {
namespace {

const Sets kEverything = {
    {"model", "{kind: logistic}"},
    {"validation.window_days", "40"},
    {"gate",
     "{policy: sound, min_rows: 100, min_labels: 20, resamples: 199, log_loss_margin: 0.5, margin_points: "
     "20, alpha: 0.3, errors_per_year: 500, prior_points: 20, drawdown_margin: 5}"},
    {"shadow", "{when: always, rollback_e_value: 1.3, days: 10}"},
    {"calibration", "{method: isotonic, share: 0.3}"},
    {"drift", "{enabled: true, window_rows: 150, check_every_bars: 50, false_alarm_share: 0.2}"},
    {"search", "{trials: 4, space: [l2=0.001|0.01|0.1], leak_repetitions: 3}"},
    {"training.latency_minutes", "150"},
    {"triggers",
     "[{kind: drift}, {kind: samples, min_samples: 150}, {kind: cron, schedule: \"0 3 */9 * *\", full: "
     "true}]"}};

BarSeries turning_market(std::size_t count) {
  market::SimulatedSettings settings;
  settings.bars = static_cast<std::int64_t>(count);
  settings.flip_every_bars = 700;
  settings.seed = 12;
  return market::simulate(settings, 3).bars;
}

std::vector<test::KnownLine> replayed(const BarSeries& bars) {
  Rig rig(kEverything);
  const Status done = replay(*rig.loop, {bars}, {});
  EXPECT_TRUE(done.has_value()) << done.error().message;
  std::vector<test::KnownLine> lines;
  for (const Event& event : rig.events) lines.push_back({event.known_at, to_ndjson(event)});
  return lines;
}

TEST(Everything, AtOnceKnowsNoFutureAndComesOutAgain) {
  const BarSeries bars = turning_market(1900);
  const std::vector<std::size_t> cuts = {500, 901, 1333};
  const auto leak = test::find_event_leak(replayed, bars, cuts, 1);
  EXPECT_FALSE(leak.has_value()) << *leak;

  Rig first(kEverything), second(kEverything);
  ASSERT_TRUE(replay(*first.loop, {bars}, {}));
  ASSERT_TRUE(replay(*second.loop, {bars}, {}));
  ASSERT_EQ(first.events.size(), second.events.size());
  std::set<std::string> kinds;
  for (std::size_t i = 0; i < first.events.size(); ++i) {
    EXPECT_EQ(to_ndjson(first.events[i]), to_ndjson(second.events[i]));
    kinds.insert(first.events[i].kind);
  }
  for (const char* kind : {"verdict", "swap", "keep", "drift", "rollback", "shadow"}) {
    EXPECT_TRUE(kinds.contains(kind)) << "a run without a " << kind << " would prove little";
  }
  const auto report = audit(first.recipe, *first.store, *first.registry, 512, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report->checked, 1500);
  EXPECT_EQ(report->different, 0);
  EXPECT_EQ(report->unavailable, 0);
}

}  // namespace
}  // namespace pawl::loop
