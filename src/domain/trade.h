// A bot's trade as it reports it: opened with the indicators it saw, closed with a result.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/ids.h"
#include "domain/side.h"

namespace pawl {

// What a bot knows at its entry, in the order of the training data's columns (SPEC C3).
inline constexpr std::array<std::string_view, 8> kTradeIndicators = {
    "rsi", "macd", "macd_signal", "adx", "atr", "ema_fast", "ema_slow", "volume"};
// The training data's name for the side, which is a model's last input: 1 BUY, -1 SELL.
inline constexpr std::string_view kTradeSideColumn = "signal_type";

// A signal that a bot asks about before it opens, or a trade that it has opened.
struct TradeSignal {
  std::string id;  // the bot's own, unique within a line
  std::string symbol;
  Side side = Side::buy;  // never hold
  TimeMs at = 0;
  double entry_price = 0;
  std::array<double, kTradeIndicators.size()> indicators{};
};

// How it ended.
struct TradeClose {
  std::string id;
  TimeMs at = 0;
  double exit_price = 0;
  double pnl_pct = 0;  // after costs, in percent of the entry, as the bot reports it
  bool profitable = false;
};

// A signal with what was answered and what became of it.
struct Trade {
  std::int64_t number = 0;  // counts from 1 within a store
  LineId line;
  TradeSignal signal;
  VersionNumber version;  // that answered
  double p_profit = 0.5;
  bool allowed = true;  // a refused one is followed on paper
  std::optional<TradeClose> close;
};

}  // namespace pawl
