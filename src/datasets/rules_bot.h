// A trading bot that knows rules only, for replay and tests: the trades that a filter is trained on, made
// from bars, always the same ones from the same bars.
//
// It enters where the fast average crosses the slow one, or the RSI comes back out of an extreme, at the next
// bar's open, holds one position at a time, and leaves it at a stop, a target or after a number of bars.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/bar_series.h"
#include "domain/calendar.h"
#include "domain/costs.h"
#include "domain/timeframe.h"
#include "domain/trade.h"
#include "labels/bracket.h"

namespace pawl::datasets {

struct BotRules {
  int ema_fast = 12, ema_slow = 26, macd_signal = 9;
  int rsi = 14, adx = 14, atr = 14;
  double rsi_low = 30, rsi_high = 70;  // an entry where it comes back above or below
  labels::BracketRules exits;
};

struct BotTrade {
  TradeSignal signal;  // `at` is the open of the entry bar, the indicators are those of the bar before it
  TradeClose close;    // `at` is the close of the exit bar
};

struct BotRun {
  std::vector<BotTrade> trades;
  std::optional<TradeSignal> open;  // the position that had not ended when the bars did
};

// The feature expressions of kTradeIndicators, in their order.
std::vector<std::string> bot_indicators(const BotRules& rules);

// Every trade that was opened and closed within the bars, in time order; ids are "<symbol>-<number>" from 1.
// What is known at a bar's close decides at its close: later bars change no trade that was closed before.
// bad_config where a rule is none (ema_fast ≥ ema_slow, a length below 1).
Result<BotRun> follow_rules_bot(const BarSeries& bars, const std::string& symbol, Timeframe base,
                                const MarketCalendar& calendar, const Costs& costs,
                                const BotRules& rules = {});
// The same without the position that is still open.
Result<std::vector<BotTrade>> run_rules_bot(const BarSeries& bars, const std::string& symbol, Timeframe base,
                                            const MarketCalendar& calendar, const Costs& costs,
                                            const BotRules& rules = {});

}  // namespace pawl::datasets
