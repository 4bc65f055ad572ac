// The strategy that every model is scored by, and the statistics of its returns, one bar at a time in O(1):
// one definition for contests over stored rows and for a loop that sees bars as they come. Formulas:
// docs/metrics.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "domain/costs.h"
#include "domain/side.h"

namespace pawl::judging {

// position = (sum of the last h signals) / h, filled at the next bar's open: h tranches of 1/h of the
// capital, each held for the h bars of its signal. Signals before the first, and before the last break, are
// HOLD. One thread at a time.
class StrategyTracker {
 public:
  StrategyTracker(const Costs& costs, std::size_t horizon_bars);

  // The signal of bar t and the opens of bars t+1 and t+2 (both known): the return of that bar after costs,
  //   position × (open_next_next / open_next − 1) − cost(open_next) × |change of position|.
  // Where not `contiguous`, the position is then closed at open_next_next, at its cost, and all earlier
  // signals are forgotten.
  double push(Side side, double open_next, double open_next_next, bool contiguous);

  double position() const { return static_cast<double>(signal_sum_) / horizon_; }  // after the last push
  std::int64_t bars() const { return bars_; }
  std::int64_t trades() const { return trades_; }    // changes of position, closings at breaks included
  double turnover() const { return turnover_; }      // Σ |change of position|
  double costs_paid() const { return costs_paid_; }  // Σ cost × |change|, as a fraction of the capital
  // Mean |position| over the bars; nothing before the first.
  std::optional<double> exposure() const;

 private:
  double change_position(int new_sum, double price);

  Costs costs_;
  double horizon_;
  std::vector<signed char> window_;  // the last h signals, a ring
  std::size_t oldest_ = 0;
  int signal_sum_ = 0;  // whole numbers, so that a position comes back to exactly what it was
  std::int64_t bars_ = 0, trades_ = 0;
  double turnover_ = 0, costs_paid_ = 0, exposure_sum_ = 0;
};

// Statistics of per-bar returns as they come. Nothing where undefined.
class RunningReturns {
 public:
  void push(double bar_return);

  std::int64_t count() const { return count_; }
  double mean() const { return mean_; }    // 0 before the first
  std::optional<double> variance() const;  // sample variance (n − 1); from two returns on
  // mean / standard deviation × √periods_per_year. Nothing under two returns, or where they do not vary
  // by more than the rounding of prices.
  std::optional<double> sharpe(double periods_per_year) const;
  // Compounded from the first return on; −1 for good once a bar has lost all.
  double total_return() const { return wealth_ - 1; }
  // Nothing before the first return, and where the number is beyond a double (few bars, a great gain).
  std::optional<double> annual_return(double periods_per_year) const;
  double max_drawdown() const { return max_drawdown_; }  // 0 … 1 of the highest wealth so far
  std::optional<double> profit_factor() const;           // gains / losses; nothing without a loss

 private:
  std::int64_t count_ = 0;
  double mean_ = 0, squares_ = 0;  // Welford 1962: no cancellation, and exactly 0 for equal returns
  double wealth_ = 1, peak_ = 1, max_drawdown_ = 0;
  double gains_ = 0, losses_ = 0;
};

}  // namespace pawl::judging
