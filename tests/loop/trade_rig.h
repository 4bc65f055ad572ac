// A trade filter in memory, a market that goes one way for a while, and a bot that buys and sells in turn:
// what the filter has to learn is the direction, and it goes stale where the market turns.
#pragma once

#include <set>

#include "datasets/rules_bot.h"
#include "loop/loop_rig.h"
#include "loop/replay_trades.h"
#include "support/walk_bars.h"

namespace pawl::loop {

inline constexpr const char* kTradeRecipe = R"(schema: 1
recipe: filter
symbols: [EUR_USD]
bars: {base: H1}
source: {kind: simulated}
model: {kind: xgboost, trees: 10, depth: 2}
gate: {policy: always, min_rows: 1}
trades:
  ml_auto_retrain: true
  ml_retrain_frequency_days: 2
  ml_min_training_samples: 50
  min_manual_samples: 20
  watch_trades: 10
  watch_margin: 0.05
  paper_bars_max: 8
training: {latency_minutes: 30, cooldown_hours: 0, backoff_hours: 1}
)";

inline recipe::Recipe trade_recipe(const Sets& set = {}) {
  auto loaded = recipe::load_recipe(kTradeRecipe, "filter.yaml", {.set = set, .environment = {}});
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
  return std::move(*loaded);
}

// Hourly bars that rise, then fall from the bars in `turns` on, then rise again, …
inline BarSeries one_way_bars(std::size_t count, const std::vector<std::size_t>& turns = {}) {
  BarSeries bars;
  double price = 1.1, step = 0.001;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::find(turns.begin(), turns.end(), i) != turns.end()) step = -step;
    Bar bar{.open_time = test::kWalkStart + static_cast<TimeMs>(i) * kHourMs,
            .close_time = test::kWalkStart + static_cast<TimeMs>(i + 1) * kHourMs,
            .open = price,
            .high = 0,
            .low = 0,
            .close = price * (1 + step),
            .volume = 1};
    bar.high = std::max(bar.open, bar.close) + 0.0001;
    bar.low = std::min(bar.open, bar.close) - 0.0001;
    price = bar.close;
    bars.append(bar);
  }
  return bars;
}

// At each bar's close a signal, BUY and SELL in turn, that the bot would hold for two bars.
inline TradeSignal signal_at(const BarSeries& bars, std::size_t bar) {
  const auto i = static_cast<double>(bar);
  TradeSignal signal{.id = fmt::format("t{}", bar),
                     .symbol = "EURUSD",
                     .side = bar % 2 == 0 ? Side::buy : Side::sell,
                     .at = bars.close_time(bar),
                     .entry_price = bars.close(bar)};
  // Noise beside the side: a model may use them, and learns nothing from them.
  signal.indicators = {50 + 10 * std::sin(i), 0.001 * std::sin(7 * i), 0.0, 20, 0.002, 1.1, 1.1, 100};
  return signal;
}
inline TradeClose close_at(const BarSeries& bars, std::size_t opened, std::size_t closed) {
  const double sign = opened % 2 == 0 ? 1 : -1;
  const double pnl = 100 * sign * (bars.close(closed) / bars.close(opened) - 1) - 0.01;
  return {.id = fmt::format("t{}", opened),
          .at = bars.close_time(closed),
          .exit_price = bars.close(closed),
          .pnl_pct = pnl,
          .profitable = pnl > 0};
}

struct TradeRig : Rig {
  explicit TradeRig(const Sets& set = {}) : Rig(trade_recipe(set)) {}

  const TradeLine& filter() const { return *loop->trade_line(); }

  // Hours [from, to): the bot closes what it was allowed two hours ago, the bar closes, a new signal comes,
  // and the clock ticks.
  void live(const BarSeries& bars, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (i >= 2) {
        const TradeClose close = close_at(bars, i - 2, i);
        const Trade* open = filter().find_open(close.id);
        if (open != nullptr && open->allowed) report(close);
      }
      step(bars[i]);
      ask(signal_at(bars, i));
      const Status ticked = loop->tick(bars.close_time(i));
      ASSERT_TRUE(ticked.has_value()) << ticked.error().message;
    }
  }
  TradeAnswer ask(const TradeSignal& signal) {
    auto answer = loop->signal(signal);
    EXPECT_TRUE(answer.has_value()) << answer.error().message;
    return answer.value_or(TradeAnswer{});
  }
  void report(const TradeClose& close) {
    const Status closed = loop->close(close);
    EXPECT_TRUE(closed.has_value()) << closed.error().message;
  }
  Trade stored(const std::string& id) const {
    auto found = store->trades().find("filter/pool", id);
    EXPECT_TRUE(found.has_value() && found->has_value()) << id;
    return found.has_value() && *found ? **found : Trade{};
  }
};

}  // namespace pawl::loop
