// Sums over the last n values, one value at a time, without drift. run_window.h has them, and more, over
// blocks.
//
// The series is cut into runs of n values. A window then is the end of one run and the beginning of the next:
// the ends of a run are folded backwards once, when the next run begins, and its beginning forwards as it
// grows, so a window costs one more fold. Nothing is ever subtracted: what has left the window leaves no
// rounding behind, the error never grows with the history, and there is no branch on the data. The bits
// depend on the values and on their number since the start, never on how updates were cut.
#pragma once

#include <algorithm>
#include <vector>

#include "features/kinds/step.h"

namespace pawl::features {

// Sum of the last n values, as differences from an origin within them.
class SumWindow {
 public:
  explicit SumWindow(std::size_t n) : values_(n), ends_(n + 1), at_(n), n_(static_cast<double>(n)) {}

  void push(double value) {
    if (at_ == values_.size()) {
      // The window contains the first value of its newer run from here to the run's end: an origin that keeps
      // the differences as small as the window's own spread.
      origin_ = value;
      at_ = 0;
      beginning_ = 0;
      if (full_) fold_ends(1);
    }
    values_[at_++] = value;
    beginning_ += value - origin_;
    if (at_ == values_.size()) full_ = true;
  }
  bool full() const { return full_; }
  // Look only once full().
  double sum() const { return origin_ * n_ + (ends_[at_] + beginning_); }

  void save(ByteWriter& out) const {
    out.u8(full_ ? 1 : 0);
    out.u64(at_);
    out.doubles(values_);
  }
  // The sums follow from the values, in the same order of operations and so with the same bits.
  bool load(ByteReader& in) {
    full_ = in.u8() != 0;
    const std::uint64_t at = in.u64();
    in.doubles_into(values_);
    if (!in.ok() || at > values_.size() || (at == 0)) return false;
    at_ = at;
    origin_ = values_[0];
    beginning_ = 0;
    for (std::size_t i = 0; i < at_; ++i) beginning_ += values_[i] - origin_;
    std::fill(ends_.begin(), ends_.end(), 0.0);
    if (full_) fold_ends(at_);
    return true;
  }

 private:
  void fold_ends(std::size_t first) {
    double end = 0;
    for (std::size_t i = values_.size(); i-- > first;) {
      end += values_[i] - origin_;
      ends_[i] = end;
    }
  }

  std::vector<double> values_, ends_;  // ends_[i]: of values i … n − 1 of the older run; ends_[n] is 0
  double beginning_ = 0, origin_ = 0;  // of the newer run
  std::size_t at_;
  double n_;
  bool full_ = false;
};

// The value n bars ago; missing until there is one.
class Delay {
 public:
  explicit Delay(std::size_t n) : values_(n, kMissing) {}
  double operator()(double value) {
    const double old = values_[at_];
    values_[at_] = value;
    at_ = at_ + 1 == values_.size() ? 0 : at_ + 1;
    return old;
  }
  void save(ByteWriter& out) const {
    out.u64(at_);
    out.doubles(values_);
  }
  bool load(ByteReader& in) {
    at_ = in.u64();
    in.doubles_into(values_);
    return at_ < values_.size();
  }

 private:
  std::vector<double> values_;
  std::size_t at_ = 0;
};

}  // namespace pawl::features
