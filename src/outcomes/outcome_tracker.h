// Predictions wait here until their horizon has passed, and come out as outcomes: each exactly once.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "domain/bar_series.h"
#include "domain/costs.h"
#include "domain/prediction.h"

namespace pawl::outcomes {

// Open predictions of one line on one series of bars. One thread at a time.
class OutcomeTracker {
 public:
  OutcomeTracker(std::size_t horizon_bars, Costs costs) : horizon_bars_(horizon_bars), costs_(costs) {}

  // `bar` is the index of the prediction's bar in the series; predictions come in bar order.
  void add(const Prediction& prediction, std::size_t bar);
  // What became known with the newest bar of `bars`; call once for each bar, or for several at once.
  std::vector<Outcome> settle(const BarSeries& bars);
  std::size_t open() const { return open_.size(); }

 private:
  struct Open {
    std::int64_t id;
    LineId line;
    TimeMs predicted_at;
    Side side;
    std::size_t bar;
  };
  std::size_t horizon_bars_;
  Costs costs_;
  std::deque<Open> open_;
};

}  // namespace pawl::outcomes
