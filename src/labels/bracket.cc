#include "labels/bracket.h"

#include <cmath>

namespace pawl::labels {

std::optional<Bracket> Bracket::open(const BracketRules& rules, Side side, double entry, double atr) {
  if (side == Side::hold || !(entry > 0) || !(atr > 0) || !std::isfinite(entry) || !std::isfinite(atr)) {
    return std::nullopt;
  }
  const double sign = static_cast<double>(side);
  return Bracket(side, entry, entry - sign * rules.stop_atr * atr, entry + sign * rules.target_atr * atr,
                 rules.bars_max);
}

std::optional<double> Bracket::step(const Bar& bar) {
  // Towards the target is up, whatever the side.
  const auto stopped = [&](double price) { return sign_ * (price - stop_) <= 0; };
  const auto reached = [&](double price) { return sign_ * (price - target_) >= 0; };
  if (stopped(bar.open) || reached(bar.open) || bars_left_ == 0) return bar.open;
  --bars_left_;
  const double worst = sign_ > 0 ? bar.low : bar.high, best = sign_ > 0 ? bar.high : bar.low;
  if (stopped(worst)) return stop_;
  if (reached(best)) return target_;
  return std::nullopt;
}

double Bracket::pnl_pct(double exit_price, const Costs& costs) const {
  return 100 * (sign_ * (exit_price / entry_ - 1) - costs.round_trip(entry_));
}

}  // namespace pawl::labels
