#include "judging/running.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>

namespace pawl::judging {
namespace {

// A ratio of two prices is off by a few units in the last place; returns that differ by no more than that
// (a market that grows by the same rate every bar) have no variance, not a Sharpe ratio of 10^12.
constexpr double kRelativeNoise = 1e-12;
constexpr double kAbsoluteNoise = 1e-15;

}  // namespace

StrategyTracker::StrategyTracker(const Costs& costs, std::size_t horizon_bars)
    : costs_(costs), horizon_(static_cast<double>(horizon_bars)), window_(horizon_bars, 0) {
  assert(horizon_bars >= 1);
}

double StrategyTracker::change_position(int new_sum, double price) {
  const int change_in_signals = std::abs(new_sum - signal_sum_);
  signal_sum_ = new_sum;
  if (change_in_signals == 0) return 0;
  const double change = change_in_signals / horizon_;
  const double cost = costs_.fraction(price) * change;
  ++trades_;
  turnover_ += change;
  costs_paid_ += cost;
  return cost;
}

double StrategyTracker::push(Side side, double open_next, double open_next_next, bool contiguous) {
  assert(std::isfinite(open_next) && open_next > 0);
  assert(std::isfinite(open_next_next) && open_next_next > 0);
  const auto signal = static_cast<signed char>(side);
  const int new_sum = signal_sum_ - window_[oldest_] + signal;
  window_[oldest_] = signal;
  oldest_ = (oldest_ + 1) % window_.size();

  double bar_return = -change_position(new_sum, open_next);
  bar_return += position() * (open_next_next / open_next - 1);
  ++bars_;
  exposure_sum_ += std::abs(position());
  if (!contiguous) {
    bar_return -= change_position(0, open_next_next);
    std::ranges::fill(window_, static_cast<signed char>(0));
  }
  return bar_return;
}

std::optional<double> StrategyTracker::exposure() const {
  if (bars_ == 0) return std::nullopt;
  return exposure_sum_ / static_cast<double>(bars_);
}

void RunningReturns::push(double bar_return) {
  assert(std::isfinite(bar_return));
  ++count_;
  const double from_old_mean = bar_return - mean_;
  mean_ += from_old_mean / static_cast<double>(count_);
  squares_ += from_old_mean * (bar_return - mean_);
  wealth_ = std::max(0.0, wealth_ * (1 + bar_return));
  peak_ = std::max(peak_, wealth_);
  max_drawdown_ = std::max(max_drawdown_, 1 - wealth_ / peak_);
  (bar_return > 0 ? gains_ : losses_) += std::abs(bar_return);
}

std::optional<double> RunningReturns::variance() const {
  if (count_ < 2) return std::nullopt;
  return squares_ / static_cast<double>(count_ - 1);
}

std::optional<double> RunningReturns::sharpe(double periods_per_year) const {
  if (count_ < 2) return std::nullopt;
  const double deviation = std::sqrt(*variance());
  if (deviation <= std::max(kRelativeNoise * std::abs(mean_), kAbsoluteNoise)) return std::nullopt;
  return mean_ / deviation * std::sqrt(periods_per_year);
}

std::optional<double> RunningReturns::annual_return(double periods_per_year) const {
  if (count_ == 0) return std::nullopt;
  const double annual = std::pow(wealth_, periods_per_year / static_cast<double>(count_)) - 1;
  if (!std::isfinite(annual)) return std::nullopt;
  return annual;
}

std::optional<double> RunningReturns::profit_factor() const {
  if (losses_ <= 0) return std::nullopt;
  const double factor = gains_ / losses_;
  if (!std::isfinite(factor)) return std::nullopt;
  return factor;
}

}  // namespace pawl::judging
