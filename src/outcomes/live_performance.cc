#include "outcomes/live_performance.h"

#include <cmath>

#include "judging/metrics.h"

namespace pawl::outcomes {

namespace {
std::optional<double> share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}
}  // namespace

void SignalTally::add(const Outcome& outcome, const Costs& costs) {
  ++outcomes;
  if (outcome.side == Side::hold) return;
  ++signals;
  correct += outcome.correct ? 1 : 0;
  correct_net += outcome.correct_net ? 1 : 0;
  (outcome.correct ? win_sum : loss_sum) += std::abs(outcome.gross_return);
  cost_sum += costs.round_trip(outcome.entry_price);
}

std::optional<double> SignalTally::win_rate() const {
  return share(correct, signals);
}
std::optional<double> SignalTally::win_rate_net() const {
  return share(correct_net, signals);
}

std::optional<double> SignalTally::break_even() const {
  const std::int64_t wrong = signals - correct;
  if (correct == 0 || wrong == 0) return std::nullopt;
  return judging::break_even_rate(win_sum / static_cast<double>(correct),
                                  loss_sum / static_cast<double>(wrong),
                                  cost_sum / static_cast<double>(signals));
}

void LivePerformance::add(const Outcome& outcome) {
  if (outcome.predicted_at >= retrained_at_) since_retrain_.add(outcome, costs_);
  ever_.add(outcome, costs_);
}

}  // namespace pawl::outcomes
