// Folds over the last n values, one value at a time, without drift. run_window.h has them over blocks.
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

// Fold: `make(value, origin)`, `+` (associative but for rounding) and the neutral element when default made.
template <class Fold>
class Window {
 public:
  explicit Window(std::size_t n) : values_(n), ends_(n + 1), at_(n) {}

  void push(double value) {
    if (at_ == values_.size()) {
      // The window contains the first value of its newer run from here to the run's end: an origin that keeps
      // the sums of squares as small as the window's own spread.
      origin_ = value;
      at_ = 0;
      beginning_ = Fold();
      if (full_) fold_ends(1);
    }
    values_[at_++] = value;
    beginning_ = beginning_ + Fold::make(value, origin_);
    if (at_ == values_.size()) full_ = true;
  }
  // The fold over the last n values, or, before there are n, over those there are.
  Fold fold() const { return ends_[at_] + beginning_; }
  bool full() const { return full_; }
  double origin() const { return origin_; }

  void save(ByteWriter& out) const {
    out.u8(full_ ? 1 : 0);
    out.u64(at_);
    out.doubles(values_);
  }
  // The folds follow from the values, in the same order of operations and so with the same bits.
  bool load(ByteReader& in) {
    full_ = in.u8() != 0;
    const std::uint64_t at = in.u64();
    in.doubles_into(values_);
    if (!in.ok() || at > values_.size() || (at == 0)) return false;
    at_ = at;
    origin_ = values_[0];
    beginning_ = Fold();
    for (std::size_t i = 0; i < at_; ++i) beginning_ = beginning_ + Fold::make(values_[i], origin_);
    std::fill(ends_.begin(), ends_.end(), Fold());
    if (full_) fold_ends(at_);
    return true;
  }

 private:
  void fold_ends(std::size_t first) {
    Fold end;
    for (std::size_t i = values_.size(); i-- > first;) {
      end = Fold::make(values_[i], origin_) + end;
      ends_[i] = end;
    }
  }

  std::vector<double> values_;
  std::vector<Fold> ends_;  // ends_[i]: values i … n−1 of the older run; ends_[n] is neutral
  Fold beginning_;          // of the newer run
  double origin_ = 0;
  std::size_t at_;
  bool full_ = false;
};

struct SumFold {
  double sum = 0;  // of differences from the origin
  static SumFold make(double value, double origin) { return {value - origin}; }
  friend SumFold operator+(SumFold a, SumFold b) { return {a.sum + b.sum}; }
};

// Mean and sum; look only once full().
class SumWindow : public Window<SumFold> {
 public:
  explicit SumWindow(std::size_t n) : Window(n), n_(static_cast<double>(n)) {}
  double mean() const { return origin() + fold().sum / n_; }
  double sum() const { return origin() * n_ + fold().sum; }

 private:
  double n_;
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
