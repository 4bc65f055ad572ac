#include "outcomes/outcome_tracker.h"

#include <cassert>

#include "labels/labeller.h"

namespace pawl::outcomes {

void OutcomeTracker::add(const Prediction& prediction, std::size_t bar) {
  assert(open_.empty() || open_.back().bar < bar);
  open_.push_back({prediction.id, prediction.line, prediction.known_at, prediction.side, bar});
}

std::vector<Outcome> OutcomeTracker::settle(const BarSeries& bars) {
  std::vector<Outcome> settled;
  while (!open_.empty()) {
    const Open& open = open_.front();
    const Label label = labels::horizon_return(bars, open.bar, horizon_bars_);
    if (!label.known()) break;
    Outcome outcome;
    outcome.prediction_id = open.id;
    outcome.line = open.line;
    outcome.predicted_at = open.predicted_at;
    outcome.known_at = label.known_at;
    outcome.entry_price = bars.open(open.bar + 1);
    outcome.exit_price = bars.open(label.exit_bar);
    outcome.bars_held = static_cast<std::int64_t>(horizon_bars_);
    outcome.gross_return = label.gross_return;
    outcome.side = open.side;
    if (open.side != Side::hold) {
      const double signed_return = static_cast<double>(open.side) * label.gross_return;
      outcome.correct = signed_return > 0;
      outcome.pnl_pct = 100 * (signed_return - costs_.round_trip(outcome.entry_price));
      outcome.correct_net = outcome.pnl_pct > 0;
    }
    settled.push_back(std::move(outcome));
    open_.pop_front();
  }
  return settled;
}

}  // namespace pawl::outcomes
