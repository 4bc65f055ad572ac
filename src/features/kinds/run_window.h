// Folds over the last n values by runs of n, in groups: what Window (window.h) does one value at a time, as
// computations over blocks.
#pragma once

#include <algorithm>
#include <vector>

#include "features/kinds/block.h"

namespace pawl::features {

// Memory of a RunFold: the values of both runs, in one row, and as many rows of folds as are asked for.
class RunMemory {
 public:
  RunMemory(std::size_t n, std::size_t folds, double neutral)
      : state_{.n = n, .at = n}, row_(n + 2 * simd::kGroup), neutral_(neutral), room_(row_ * (1 + folds)) {
    std::fill(room_.begin() + static_cast<std::ptrdiff_t>(row_), room_.end(), neutral);
  }

  simd::RunFold& state() { return state_; }
  double* values() { return room_.data() + simd::kGroup; }
  double* ends(std::size_t fold = 0) { return values() + row_ * (1 + fold); }

  void save(ByteWriter& out) const {
    out.u8(state_.full ? 1 : 0);
    out.u64(state_.at);
    out.doubles(std::span(room_).subspan(simd::kGroup, state_.n));
  }
  // The values once more through `computation`, which folds as the first time: the older run's, then the
  // newer's. So every fold has the bits that it had.
  template <class Computation>
  bool load(ByteReader& in, Computation& computation) {
    const bool full = in.u8() != 0;
    const std::uint64_t at = in.u64();
    std::vector<double> saved(state_.n);
    in.doubles_into(saved);
    if (!in.ok() || at > state_.n || (at == 0)) return false;
    std::fill(room_.begin(), room_.end(), 0.0);
    std::fill(room_.begin() + static_cast<std::ptrdiff_t>(row_), room_.end(), neutral_);
    state_ = {.n = state_.n, .at = state_.n};
    std::vector<double> ignored(state_.n);
    const auto again = [&](const double* x, std::size_t count) {
      computation(simd::kernels(simd::Width::widest), x, count, ignored.data());
    };
    // Where the newer run has all its values it is the older one of what comes; or there are none yet.
    const std::size_t newer = at == state_.n ? 0 : at;
    if (full) {
      // What stands behind `newer` is the older run's end; what stood before it, and has left all windows,
      // may be anything.
      std::vector<double> older(state_.n, saved.back());
      std::copy(saved.begin() + static_cast<std::ptrdiff_t>(newer), saved.end(),
                older.begin() + static_cast<std::ptrdiff_t>(newer));
      again(older.data(), older.size());
    }
    if (newer > 0) again(saved.data(), newer);
    return true;
  }

 private:
  simd::RunFold state_;
  std::size_t row_;
  double neutral_;
  std::vector<double> room_;
};

using WindowLoop = void (*simd::Kernels::*)(simd::RunFold&, double*, double*, const double*, std::size_t,
                                            double*);

// One value a window: its mean, sum or an extreme.
template <WindowLoop loop>
class RunWindow {
 public:
  static constexpr double neutral() {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (loop == &simd::Kernels::window_max) return -kInfinity;
    return loop == &simd::Kernels::window_min ? kInfinity : 0;
  }
  explicit RunWindow(std::size_t n) : memory_(n, 1, neutral()) {}

  void operator()(const simd::Kernels& kernels, const double* x, std::size_t count, double* out) {
    (kernels.*loop)(memory_.state(), memory_.values(), memory_.ends(), x, count, out);
  }
  void save(ByteWriter& out) const { memory_.save(out); }
  bool load(ByteReader& in) { return memory_.load(in, *this); }

 private:
  RunMemory memory_;
};

// Population standard deviation.
class RunDeviation {
 public:
  explicit RunDeviation(std::size_t n) : memory_(n, 2, 0) {}

  void operator()(const simd::Kernels& kernels, const double* x, std::size_t count, double* deviation) {
    kernels.window_deviation(memory_.state(), memory_.values(), memory_.ends(0), memory_.ends(1), x, count,
                             deviation);
  }
  void save(ByteWriter& out) const { memory_.save(out); }
  bool load(ByteReader& in) { return memory_.load(in, *this); }

 private:
  RunMemory memory_;
};

using ShortLoop = void (*simd::Kernels::*)(const double*, std::size_t, std::size_t, double*);

// Over the newest values in one row with the n − 1 before them, all of a window at each value: for windows so
// short that this is no more work, and for what has no other way.
template <ShortLoop loop>
class ShortWindow {
 public:
  explicit ShortWindow(std::size_t n) : n_(n), values_(n - 1 + 2 * kPart + simd::kGroup) {}

  void operator()(const simd::Kernels& kernels, const double* x, std::size_t count, double* out) {
    in_parts(count, [&](std::size_t first, std::size_t size) {
      if (end_ + size + simd::kGroup > values_.size()) keep_tail();
      std::copy_n(x + first, size, values_.data() + end_);
      const std::size_t hidden = std::min(n_ - 1 - std::min(end_, n_ - 1), size);
      std::fill_n(out + first, hidden, kMissing);
      if (hidden < size) {
        (kernels.*loop)(values_.data() + end_ + hidden, n_, size - hidden, out + first + hidden);
      }
      end_ += size;
    });
  }
  void save(ByteWriter& out) const {
    const std::size_t kept = std::min(end_, n_ - 1);
    out.doubles(std::span(values_).subspan(end_ - kept, kept));
  }
  bool load(ByteReader& in) {
    const std::vector<double> kept = in.doubles();
    if (!in.ok() || kept.size() >= n_) return false;
    std::copy(kept.begin(), kept.end(), values_.begin());
    end_ = kept.size();
    return true;
  }

 private:
  void keep_tail() {
    const std::size_t kept = std::min(end_, n_ - 1);
    std::copy_n(values_.data() + (end_ - kept), kept, values_.data());
    end_ = kept;
  }

  std::size_t n_, end_ = 0;  // values there are in the row
  std::vector<double> values_;
};

// The one or the other by the length of the window; which bits they give may differ, so it is by that alone.
template <ShortLoop short_loop, std::size_t longest_short, WindowLoop long_loop>
std::unique_ptr<Feature> on_window(std::size_t n) {
  if (n <= longest_short) return on_blocks<ShortWindow<short_loop>>(n);
  return on_blocks<RunWindow<long_loop>>(n);
}

}  // namespace pawl::features
