// Exponential smoothing with TA-Lib's start: the mean of the first n values, then P += weight · (x − P).
#pragma once

#include "features/kinds/step.h"

namespace pawl::features {

class Smoothed {
 public:
  static Smoothed ema(std::size_t n) { return Smoothed(n, 2.0 / static_cast<double>(n + 1)); }
  // Wilder's: (P(n − 1) + x) / n.
  static Smoothed wilder(std::size_t n) { return Smoothed(n, 1.0 / static_cast<double>(n)); }

  // Missing until the n-th value.
  double operator()(double value) {
    if (seen_ >= n_) {
      value_ += weight_ * (value - value_);
      return value_;
    }
    value_ += value;
    if (++seen_ < n_) return kMissing;
    value_ /= static_cast<double>(n_);
    return value_;
  }
  double value() const { return value_; }  // once there is one

  void save(ByteWriter& out) const {
    out.u64(seen_);
    out.f64(value_);
  }
  bool load(ByteReader& in) {
    seen_ = in.u64();
    value_ = in.f64();
    return seen_ <= n_;
  }

 private:
  Smoothed(std::size_t n, double weight) : n_(n), weight_(weight) {}
  std::size_t n_, seen_ = 0;
  double weight_, value_ = 0;  // the sum of the first values while seen_ < n_
};

// Bars until the start, whatever it was, has faded below eps: n for the mean it begins with, then the decay.
std::size_t ema_memory(std::size_t n, double eps);
std::size_t wilder_memory(std::size_t n, double eps);

}  // namespace pawl::features
