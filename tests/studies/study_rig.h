// Policies over bars that can be learnt from, and the loops that they are held to.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "loop/several_rig.h"
#include "studies/arena.h"

namespace pawl::studies {

using Sets = std::vector<std::pair<std::string, std::string>>;

inline constexpr const char* kStudyRecipe = R"(schema: 1
recipe: study
symbols: [BTC/USDT]
source: {kind: simulated}
features: [clv, ret(1), rsi(14), ema(12) / ema(26) - 1]
label: {kind: horizon_return, horizon_bars: 3}
model: {kind: logistic}
signal: {kind: edge, min_edge: 0.01}
costs: {per_side_bp: 5}
validation: {window_days: 60, judged_days: 15, embargo_bars: 4, min_bars: 300, min_judged_rows: 50}
gate: {policy: better}
auto_training: {min_signals: 20, first_training_signals: 60, max_days_between_retrain: 12, min_win_rate_threshold: 0.5}
training: {latency_minutes: 30, cooldown_hours: 24, backoff_hours: 1, defer_hours: 24}
)";

inline Policy policy_of(const std::string& name, const Sets& set = {},
                        const std::string& text = kStudyRecipe) {
  return {name, loop::several_recipe(text, set)};
}

// One market whose pattern turns over now and then.
inline BarSeries turning_bars(std::size_t count, std::uint64_t seed, Timeframe timeframe = kH1) {
  market::SimulatedSettings settings;
  settings.timeframe = timeframe;
  settings.bars = static_cast<std::int64_t>(count);
  settings.flip_every_bars = 900;
  settings.flip_jitter_bars = 100;
  settings.seed = seed;
  return market::simulate(settings, 3).bars;
}

inline std::unique_ptr<Arena> arena_of(std::vector<Policy> policies, const std::vector<BarSeries>& series,
                                       int threads = 1) {
  auto arena = Arena::open(std::move(policies), series, {.threads = threads});
  EXPECT_TRUE(arena.has_value()) << arena.error().message;
  if (!arena) return nullptr;
  const Status run = (*arena)->run({});
  EXPECT_TRUE(run.has_value()) << run.error().message;
  return std::move(*arena);
}

// The test fails where the policy did not decide as a replay of its recipe does: runs with their evidence,
// verdicts, times and versions; sides by bar; swaps; what the signals came to.
inline void expect_as_replayed(const Policy& policy, const PolicyHistory& history,
                               const std::vector<BarSeries>& series) {
  SCOPED_TRACE(policy.name);
  loop::SeveralRig rig(policy.recipe);
  rig.play(series);
  const std::vector<loop::RunReport>& runs = rig.loop->finished_runs();
  ASSERT_EQ(history.runs.size(), runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    loop::RunReport wanted = runs[i];
    for (loop::LineReport& line : wanted.by_line) line.folds.clear();
    EXPECT_EQ(history.runs[i].to_json(), wanted.to_json()) << "run " << i;
  }
  EXPECT_EQ(history.completed, rig.loop->run_counts().completed);
  EXPECT_EQ(history.failed, rig.loop->run_counts().failed);
  EXPECT_EQ(history.promotions, static_cast<std::int64_t>(rig.payloads("swap").size()));
  EXPECT_EQ(history.rollbacks, rig.loop->run_counts().rollbacks);
  EXPECT_EQ(history.deferred, static_cast<std::int64_t>(rig.payloads("deferred").size()));

  std::vector<std::string> swaps, wanted_swaps;
  for (const Event& event : rig.events) {
    if (event.kind != "swap" && event.kind != "rollback") continue;
    const Json payload = *parse_json(event.payload);
    wanted_swaps.push_back(fmt::format("{} {} {} {}", event.line, event.known_at,
                                       payload["from"].get<std::string>(), payload["to"].get<std::string>()));
  }
  outcomes::SignalTally tally;
  for (std::size_t i = 0; i < history.lines.size(); ++i) {
    const LineHistory& line = history.lines[i];
    for (const Swap& swap : line.swaps) {
      swaps.push_back(fmt::format("{} {} {} {}", rig.loop->lines()[i]->id(), swap.at, swap.from.number.text(),
                                  swap.to.number.text()));
    }
    std::vector<signed char> sides;
    for (const std::optional<Side>& side : rig.loop->series(i).sides()) {
      sides.push_back(side ? static_cast<signed char>(*side) : LineHistory::kNoPrediction);
    }
    EXPECT_EQ(line.sides, sides) << "line " << i;
    const outcomes::SignalTally& wanted = rig.loop->series(i).tally;
    EXPECT_EQ(line.tally.signals, wanted.signals);
    EXPECT_EQ(line.tally.outcomes, wanted.outcomes);
    EXPECT_EQ(line.tally.correct, wanted.correct);
    EXPECT_EQ(line.tally.correct_net, wanted.correct_net);
    EXPECT_EQ(line.tally.win_sum, wanted.win_sum);
    EXPECT_EQ(line.tally.loss_sum, wanted.loss_sum);
    EXPECT_EQ(line.tally.cost_sum, wanted.cost_sum);
    tally.signals += line.tally.signals;
  }
  std::ranges::sort(swaps);
  std::ranges::sort(wanted_swaps);
  EXPECT_EQ(swaps, wanted_swaps);
  const loop::ReplayTotals totals = loop::totals_of(*rig.loop, policy.recipe.bars_per_year);
  EXPECT_EQ(tally.signals, totals.signals);
  EXPECT_EQ(history.portfolio.count(), rig.loop->portfolio_returns().count());
  EXPECT_EQ(history.portfolio.total_return(), totals.pnl_after_cost);
  EXPECT_EQ(history.portfolio.sharpe(policy.recipe.bars_per_year), totals.sharpe);
  EXPECT_EQ(history.portfolio.max_drawdown(), rig.loop->portfolio_returns().max_drawdown());
}

}  // namespace pawl::studies
