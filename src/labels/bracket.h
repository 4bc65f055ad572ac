// A position between a stop and a target, followed bar by bar until one of them, or time, ends it. The fills
// are the harsh ones of the triple barrier: no order is filled at a price that the market jumped over, and
// the stop comes first where a bar touches both.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/bar.h"
#include "domain/costs.h"
#include "domain/side.h"

namespace pawl::labels {

// How far away both are, in ATRs at the entry, and how many bars the position may last.
struct BracketRules {
  double stop_atr = 1.5, target_atr = 2.0;
  std::int64_t bars_max = 48;
};

class Bracket {
 public:
  // nothing where there is no such position: the side is HOLD, or entry and ATR are not above zero.
  static std::optional<Bracket> open(const BracketRules& rules, Side side, double entry, double atr);

  // The next bar after the entry; the first opens with the position or later. The exit price where the
  // position ended in it, which is known at its close: at the stop, the target, or the open of the bar after
  // `bars_max` whole ones. Not to be asked again after that.
  std::optional<double> step(const Bar& bar);

  // Of the position, in percent of its entry, after both sides' costs.
  double pnl_pct(double exit_price, const Costs& costs) const;

 private:
  Bracket(Side side, double entry, double stop, double target, std::int64_t bars_left)
      : sign_(static_cast<int>(side)), entry_(entry), stop_(stop), target_(target), bars_left_(bars_left) {}
  double sign_, entry_, stop_, target_;
  std::int64_t bars_left_;
};

}  // namespace pawl::labels
