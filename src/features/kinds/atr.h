// Wilder's average true range, for the kind and for what measures in it.
#pragma once

#include "features/kinds/smoothing.h"

namespace pawl::features {

class TrueRangeAverage {
 public:
  explicit TrueRangeAverage(std::size_t n) : range_(Smoothed::wilder(n)) {}

  double operator()(const BarBlock& bars, std::size_t i) {
    const double high = bars.high[i], low = bars.low[i], before = previous_close_;
    previous_close_ = bars.close[i];
    if (is_missing(before)) return kMissing;
    // max(H − L, |H − C₋₁|, |L − C₋₁|)
    return range_(larger(high - low, larger(std::fabs(high - before), std::fabs(low - before))));
  }
  void save(ByteWriter& out) const {
    out.f64(previous_close_);
    range_.save(out);
  }
  bool load(ByteReader& in) {
    previous_close_ = in.f64();
    return range_.load(in);
  }

 private:
  double previous_close_ = kMissing;
  Smoothed range_;
};

}  // namespace pawl::features
