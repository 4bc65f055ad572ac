// Means, variances and covariance of two series over their last n pairs, without drift: by runs of n and with
// the newer run's first pair as the origin, as Window (window.h) does for one.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "features/kinds/step.h"

namespace pawl::features {

class PairWindow {
 public:
  struct Moments {
    double mean_x, mean_y;
    double variance_x, variance_y, covariance;  // of the population; 0 exactly where one is flat
  };

  explicit PairWindow(std::size_t n) : x_(n), y_(n), ends_(n + 1), at_(n), n_(static_cast<double>(n)) {}

  void push(double x, double y) {
    if (at_ == x_.size()) {
      origin_x_ = x;
      origin_y_ = y;
      at_ = 0;
      beginning_ = Sums();
      if (full_) fold_ends(1);
    }
    x_[at_] = x;
    y_[at_] = y;
    beginning_ = beginning_ + sums_of(at_);
    if (++at_ == x_.size()) full_ = true;
  }
  bool full() const { return full_; }
  // Look only once full().
  Moments moments() const {
    const Sums sums = ends_[at_] + beginning_;
    const double x = sums.x / n_, y = sums.y / n_;
    return {.mean_x = origin_x_ + x,
            .mean_y = origin_y_ + y,
            .variance_x = larger(sums.xx / n_ - x * x, 0),
            .variance_y = larger(sums.yy / n_ - y * y, 0),
            .covariance = sums.xy / n_ - x * y};
  }

  void save(ByteWriter& out) const {
    out.u8(full_ ? 1 : 0);
    out.u64(at_);
    out.doubles(x_);
    out.doubles(y_);
  }
  bool load(ByteReader& in) {
    full_ = in.u8() != 0;
    const std::uint64_t at = in.u64();
    in.doubles_into(x_);
    in.doubles_into(y_);
    if (!in.ok() || at > x_.size() || at == 0) return false;
    at_ = at;
    origin_x_ = x_[0];
    origin_y_ = y_[0];
    beginning_ = Sums();
    for (std::size_t i = 0; i < at_; ++i) beginning_ = beginning_ + sums_of(i);
    std::fill(ends_.begin(), ends_.end(), Sums());
    if (full_) fold_ends(at_);
    return true;
  }

 private:
  struct Sums {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;  // of differences from the origin
    friend Sums operator+(const Sums& a, const Sums& b) {
      return {a.x + b.x, a.y + b.y, a.xx + b.xx, a.yy + b.yy, a.xy + b.xy};
    }
  };
  Sums sums_of(std::size_t i) const {
    const double x = x_[i] - origin_x_, y = y_[i] - origin_y_;
    return {x, y, x * x, y * y, x * y};
  }
  void fold_ends(std::size_t first) {
    Sums end;
    for (std::size_t i = x_.size(); i-- > first;) {
      end = sums_of(i) + end;
      ends_[i] = end;
    }
  }

  std::vector<double> x_, y_;
  std::vector<Sums> ends_;  // ends_[i]: pairs i … n−1 of the older run; ends_[n] is empty
  Sums beginning_;          // of the newer run
  double origin_x_ = 0, origin_y_ = 0;
  std::size_t at_;
  double n_;
  bool full_ = false;
};

}  // namespace pawl::features
