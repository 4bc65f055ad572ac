// Predictions wait here until their horizon has passed, and come out as outcomes: each exactly once. The fill
// is that of labels/labeller.h: in at the next bar's open, out at the open h bars later.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "domain/bar_series.h"
#include "domain/calendar.h"
#include "domain/costs.h"
#include "domain/prediction.h"

namespace pawl::outcomes {

// Open predictions of one line on one series of bars. One thread at a time.
class OutcomeTracker {
 public:
  // With `sessions` a position never crosses a session's end: a prediction whose horizon would is settled at
  // the close of its session's last bar, after fewer bars.
  OutcomeTracker(std::size_t horizon_bars, Costs costs, std::optional<MarketCalendar> sessions = std::nullopt)
      : horizon_bars_(horizon_bars), costs_(costs), sessions_(std::move(sessions)) {}

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
  struct Exit {
    std::size_t bars_held;
    double price;
    TimeMs known_at;
  };
  std::optional<Exit> exit_of(const BarSeries& bars, std::size_t entry) const;

  std::size_t horizon_bars_;
  Costs costs_;
  std::optional<MarketCalendar> sessions_;
  std::deque<Open> open_;
};

}  // namespace pawl::outcomes
