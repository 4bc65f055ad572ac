#include "outcomes/version_watch.h"

#include <algorithm>
#include <cmath>

namespace pawl::outcomes {

namespace {

double earned(Side side, double gross_return, double round_trip) {
  return side == Side::hold ? 0 : static_cast<double>(side) * gross_return - round_trip;
}

// A market's holidays are shorter.
constexpr DurationMs kLongestWait = 7 * kDayMs;

}  // namespace

bool VersionWatch::is_overdue(TimeMs now) const {
  return markets_ > 0 && now - first_known_at_ > kLongestWait;
}

bool VersionWatch::wants(TimeMs now, std::string_view symbol) const {
  if (open_.empty() || now == asked_at_ || is_overdue(now)) return true;
  return std::ranges::none_of(open_, [&](const auto& asked) { return asked.second.symbol == symbol; });
}

void VersionWatch::ask(const Prediction& served, Side other) {
  if (!open_.empty() && served.known_at != asked_at_) {
    if (!is_overdue(served.known_at)) {
      if (served.known_at != next_at_) next_.clear();
      next_at_ = served.known_at;
      next_[served.id] = {other, served.symbol};
      return;
    }
    open_.clear();
    next_.clear();
    end_instant();
  }
  asked_at_ = served.known_at;
  open_[served.id] = {other, served.symbol};
}

void VersionWatch::settle(const Outcome& outcome, double round_trip) {
  const auto found = open_.find(outcome.prediction_id);
  if (found == open_.end()) return;
  difference_ += earned(found->second.other, outcome.gross_return, round_trip) -
                 earned(outcome.side, outcome.gross_return, round_trip);
  move_ += std::abs(outcome.gross_return);
  if (markets_++ == 0) first_known_at_ = outcome.known_at;
  open_.erase(found);
  if (!open_.empty()) return;
  end_instant();
  // What was said before this label was known would share bars with it.
  if (!next_.empty() && outcome.known_at <= next_at_) {
    open_.swap(next_);
    asked_at_ = next_at_;
  }
  next_.clear();
}

void VersionWatch::end_instant() {
  // A right call in place of a wrong one is worth two moves; three usual moves are the most that is looked
  // at, so that one storm does not decide. The scale is that of earlier labels: a bet's size may not know its
  // outcome.
  constexpr double kMostMoves = 3;
  const double difference = difference_ / static_cast<double>(markets_);
  if (instants_ > 0 && moves_ > 0) {
    const double usual = moves_ / static_cast<double>(instants_);
    process_.push(std::clamp(difference / (kMostMoves * usual), -1.0, 1.0));
  }
  moves_ += move_ / static_cast<double>(markets_);
  differences_ += difference;
  ++instants_;
  difference_ = move_ = 0;
  markets_ = 0;
}

std::optional<double> VersionWatch::mean_difference() const {
  if (instants_ == 0) return std::nullopt;
  return differences_ / static_cast<double>(instants_);
}

}  // namespace pawl::outcomes
