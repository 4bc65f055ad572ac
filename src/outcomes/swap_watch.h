// Whether a model that has taken over may stay (C5): over the next trades that close, it is set against the
// one before it, which goes on answering in the shadow. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace pawl::outcomes {

struct WatchRules {
  std::int64_t trades = 30;  // so many closed trades decide; 0: the new model stays at once
  double margin = 0.05;      // of accuracy that it may be below the old one's, and not as much as that
  double allow_at = 0.5;     // a chance of profit from here on says "profitable"
};

// A trade that closed after the swap, with what both models said before it opened.
struct WatchedTrade {
  double p_new = 0, p_old = 0;
  bool profitable = false;
};

enum class SwapDecision { watching, stay, roll_back };

struct SwapVerdict {
  SwapDecision decision = SwapDecision::watching;
  std::int64_t trades = 0;                           // that were looked at
  std::optional<double> new_accuracy, old_accuracy;  // nothing without trades
  std::string reason;                                // a sentence, with both numbers
};

// `trades` in the order in which they closed; those after the first `rules.trades` change nothing.
SwapVerdict judge_swap(std::span<const WatchedTrade> trades, const WatchRules& rules);

}  // namespace pawl::outcomes
