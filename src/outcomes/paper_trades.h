// Refused signals, followed as if they had been taken (C6): a filter that only sees the trades it let through
// would starve its own training of the ones that it should learn from.
#pragma once

#include <vector>

#include "domain/costs.h"
#include "domain/trade.h"
#include "labels/bracket.h"

namespace pawl::outcomes {

// The refused signals of one market that are still open. One thread at a time.
//
// After a restart: follow() what the store says is refused and not closed, then step() through the bars from
// the earliest of those signals on. The same closes come out, whenever the process went.
class PaperTrades {
 public:
  PaperTrades(const labels::BracketRules& rules, const Costs& costs) : rules_(rules), costs_(costs) {}

  // Entered at the signal's price, with stop and target by its own `atr`. conflict where its id is followed
  // already; invalid_argument where price, ATR or side make no position.
  Status follow(const TradeSignal& signal);
  // The next closed bar; what ended in it, in the order in which it was followed, each exactly once. A
  // signal sees the bars that open at its time or later.
  std::vector<TradeClose> step(const Bar& bar);
  std::size_t open() const { return open_.size(); }

 private:
  struct Followed {
    std::string id;
    TimeMs at;
    labels::Bracket bracket;
  };
  labels::BracketRules rules_;
  Costs costs_;
  std::vector<Followed> open_;
};

}  // namespace pawl::outcomes
