#include "outcomes/outcome_tracker.h"

#include <algorithm>
#include <cassert>

namespace pawl::outcomes {

void OutcomeTracker::add(const Prediction& prediction, std::size_t bar) {
  assert(open_.empty() || open_.back().bar < bar);
  open_.push_back({prediction.id, prediction.line, prediction.known_at, prediction.side, bar});
}

std::optional<OutcomeTracker::Exit> OutcomeTracker::exit_of(const BarSeries& bars, std::size_t entry) const {
  if (entry >= bars.size()) return std::nullopt;
  const std::size_t last = bars.size() - 1, wanted = entry + horizon_bars_;
  if (sessions_) {
    // Bars of the entry's session up to the wanted one; the first of another session ends the position.
    const std::int64_t session = sessions_->session_of(bars.open_time(entry));
    std::size_t held = entry;
    while (held < std::min(last, wanted) && sessions_->session_of(bars.open_time(held + 1)) == session)
      ++held;
    const bool left = held < std::min(last, wanted);
    const bool over = held == last && sessions_->session_of(bars.close_time(held)) != session;
    if (left || (over && held < wanted)) {
      return Exit{held - entry + 1, bars.close(held), bars.close_time(left ? held + 1 : held)};
    }
  }
  if (wanted > last) return std::nullopt;
  return Exit{horizon_bars_, bars.open(wanted), bars.close_time(wanted)};
}

std::vector<Outcome> OutcomeTracker::settle(const BarSeries& bars) {
  std::vector<Outcome> settled;
  while (!open_.empty()) {
    const Open& open = open_.front();
    const std::size_t entry = open.bar + 1;
    const std::optional<Exit> exit = exit_of(bars, entry);
    if (!exit) break;
    Outcome outcome;
    outcome.prediction_id = open.id;
    outcome.line = open.line;
    outcome.predicted_at = open.predicted_at;
    outcome.known_at = exit->known_at;
    outcome.entry_price = bars.open(entry);
    outcome.exit_price = exit->price;
    outcome.bars_held = static_cast<std::int64_t>(exit->bars_held);
    outcome.gross_return = exit->price / outcome.entry_price - 1;
    outcome.side = open.side;
    if (open.side != Side::hold) {
      const double signed_return = static_cast<double>(open.side) * outcome.gross_return;
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
