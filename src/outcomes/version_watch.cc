#include "outcomes/version_watch.h"

#include <algorithm>
#include <cmath>

namespace pawl::outcomes {

namespace {

double earned(Side side, double gross_return, double round_trip) {
  return side == Side::hold ? 0 : static_cast<double>(side) * gross_return - round_trip;
}

}  // namespace

void VersionWatch::settle(const Outcome& outcome, double round_trip) {
  const auto found = open_.find(outcome.prediction_id);
  if (found == open_.end()) return;
  difference_ += earned(found->second, outcome.gross_return, round_trip) -
                 earned(outcome.side, outcome.gross_return, round_trip);
  move_ += std::abs(outcome.gross_return);
  ++markets_;
  open_.erase(found);
  if (!open_.empty()) return;

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
