// Champion against challenger of a trade filter, on the same closed trades that neither has seen (ADR-1, C4).
#pragma once

#include "contest/contest.h"
#include "datasets/trade_table.h"

namespace pawl::contest {

struct TradeContestRequest {
  LineId line;
  std::string name;  // for the sentences
  Contender champion, challenger;
  const datasets::TradeTable* trades = nullptr;  // in any order
  TimeMs judged_from = 0;                        // trades that were opened after this …
  TimeMs as_of = 0;                              // … and had closed by this
  judging::SignalRule signal;
  bool first_model = false;
};

// Trades opened after max(judged_from, both data cuts) and closed by as_of. Never fails for lack of trades:
// evidence with few of them, or none, is evidence too. conflict where a model reads other columns.
Result<Evidence> hold_trade_contest(const TradeContestRequest& request);

}  // namespace pawl::contest
