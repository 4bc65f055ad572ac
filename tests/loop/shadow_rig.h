// A promotion that is bad from its first day on, and the bars that make it so.
#pragma once

#include <gtest/gtest.h>

#include "loop/loop_rig.h"
#include "loop/several_rig.h"

namespace pawl::loop {

// The pattern is turned around between bars 2500 and 5000. The first model is trained long before
// that, the second at bar 5040 on a window that lies within: right when it was trained, wrong from its first
// day on, and `always` lets it through.
inline constexpr const char* kBadPromotion = R"(schema: 1
recipe: planted
symbols: [BTC/USDT]
source: {kind: simulated}
features: [clv, ret(1), rsi(14)]
label: {kind: horizon_return, horizon_bars: 3}
model: {kind: logistic}
signal: {kind: edge, min_edge: 0.01}
costs: {per_side_bp: 2}
validation: {window_days: 60, judged_days: 10, embargo_bars: 4, min_bars: 300, min_judged_rows: 50}
gate: {policy: always}
auto_training: {enabled: false}
triggers: [{kind: cron, schedule: "0 0 11 3 *"}, {kind: cron, schedule: "0 0 29 7 *"}]
training: {latency_minutes: 30, cooldown_hours: 0}
shadow: {when: always, rollback_e_value: 20, days: 30}
)";

inline BarSeries planted_bars(std::uint64_t seed, std::size_t count = 6200) {
  market::SimulatedSettings settings;
  settings.bars = static_cast<std::int64_t>(count);
  settings.flip_every_bars = 2500;
  settings.seed = seed;
  return market::simulate(settings, 3).bars;
}

inline std::optional<std::int64_t> bars_until_rollback(SeveralRig& rig) {
  TimeMs swapped = 0;
  for (const Event& event : rig.events) {
    if (event.kind == "swap") swapped = event.known_at;
    if (event.kind == "rollback") return (event.known_at - swapped) / kHourMs;
  }
  return std::nullopt;
}

}  // namespace pawl::loop
