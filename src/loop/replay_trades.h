// A trade filter over recorded bars and a bot's recorded trades, on a simulated clock.
#pragma once

#include "loop/loop.h"
#include "market/trade_events.h"

namespace pawl::loop {

struct TradeReplay {
  std::int64_t signals = 0, refused = 0, closes = 0;
  // Recorded closes that were not reported: of signals that the filter refused, so that the bot never had the
  // trade and it is followed on paper instead …
  std::int64_t closes_of_refused = 0;
  // … and of trades whose open is not among the events.
  std::int64_t closes_without_open = 0;
};

// Feeds bars (one series per symbol of the recipe, in its order) and events (by time) to the loop, with the
// ticks of its clock in between, and ends every run. At one instant: trades that close, bars that close, new
// signals, trades that close at the very instant they were opened, the clock. `progress` counts bars and
// events. The loop must be fresh.
Result<TradeReplay> replay_trades(Loop& loop, const std::vector<BarSeries>& series,
                                  std::span<const market::TradeEvent> events, const ProgressSink& progress);

}  // namespace pawl::loop
