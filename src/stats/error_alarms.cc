#include "stats/error_alarms.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace pawl::stats {

bool PageHinkley::push(double value) {
  ++rows_;
  mean_ += (value - mean_) / static_cast<double>(rows_);
  sum_ = std::max(0.0, settings_.keep * sum_ + value - mean_ - settings_.tolerance);
  if (rows_ < static_cast<std::uint64_t>(settings_.rows_min) || sum_ < settings_.limit) return false;
  *this = PageHinkley(settings_);
  return true;
}

DdmState Ddm::push(bool wrong) {
  ++rows_;
  share_ += ((wrong ? 1 : 0) - share_) / static_cast<double>(rows_);
  if (rows_ < static_cast<std::uint64_t>(settings_.rows_min)) return DdmState::steady;
  // A beginning without errors (or with nothing else) has no spread to measure a later one by.
  if (share_ <= 0 || share_ >= 1) return DdmState::steady;
  const double spread = std::sqrt(share_ * (1 - share_) / static_cast<double>(rows_));
  if (!has_least_ || share_ + spread < least_share_ + least_spread_) {
    has_least_ = true;
    least_share_ = share_;
    least_spread_ = spread;
  }
  const double above = share_ + spread - least_share_;
  if (above > settings_.drift_at * least_spread_) {
    *this = Ddm(settings_);
    return DdmState::drift;
  }
  return above > settings_.warn_at * least_spread_ ? DdmState::warning : DdmState::steady;
}

void ExpectedAccuracy::push(double probability) {
  assert(probability >= 0 && probability <= 1);
  ++rows_;
  sum_ += probability;
}

std::optional<double> ExpectedAccuracy::value() const {
  if (rows_ == 0) return std::nullopt;
  return sum_ / static_cast<double>(rows_);
}

}  // namespace pawl::stats
