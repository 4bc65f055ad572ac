#include "outcomes/paper_trades.h"

#include <algorithm>

namespace pawl::outcomes {

Status PaperTrades::follow(const TradeSignal& signal) {
  const auto same = [&](const Followed& one) { return one.id == signal.id; };
  if (std::any_of(open_.begin(), open_.end(), same)) {
    return fail(ErrorCode::conflict, "trade `{}` is followed on paper already", signal.id);
  }
  constexpr auto kAtr =
      std::find(kTradeIndicators.begin(), kTradeIndicators.end(), "atr") - kTradeIndicators.begin();
  const double atr = signal.indicators[static_cast<std::size_t>(kAtr)];
  const auto bracket = labels::Bracket::open(rules_, signal.side, signal.entry_price, atr);
  if (!bracket) {
    return fail(ErrorCode::invalid_argument,
                "trade `{}` cannot be followed on paper: it needs a side, a price above zero ({}) and an atr "
                "above zero ({})",
                signal.id, signal.entry_price, atr);
  }
  open_.push_back({signal.id, signal.at, *bracket});
  return {};
}

std::vector<TradeClose> PaperTrades::step(const Bar& bar) {
  std::vector<TradeClose> closes;
  std::erase_if(open_, [&](Followed& one) {
    if (bar.open_time < one.at) return false;
    const auto exit = one.bracket.step(bar);
    if (!exit) return false;
    const double pnl = one.bracket.pnl_pct(*exit, costs_);
    closes.push_back(
        {.id = one.id, .at = bar.close_time, .exit_price = *exit, .pnl_pct = pnl, .profitable = pnl > 0});
    return true;
  });
  return closes;
}

}  // namespace pawl::outcomes
