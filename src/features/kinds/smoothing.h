// Exponential smoothing with TA-Lib's start: the mean of the first n values, then P += weight · (x − P).
#pragma once

#include <vector>

#include "features/kinds/step.h"

namespace pawl::features {

class Smoothed {
 public:
  static Smoothed ema(std::size_t n) { return Smoothed(n, 2.0 / static_cast<double>(n + 1)); }
  // Wilder's: (P(n − 1) + x) / n.
  static Smoothed wilder(std::size_t n) { return Smoothed(n, 1.0 / static_cast<double>(n)); }

  // Missing until the n-th value.
  void operator()(const simd::Kernels& kernels, const double* x, std::size_t count, double* out) {
    std::size_t i = 0;
    for (; i < count && seen_ < n_; ++i) {
      decay_.level += x[i];
      out[i] = kMissing;
      if (++seen_ < n_) continue;
      decay_.level /= static_cast<double>(n_);
      out[i] = decay_.level;
    }
    if (i < count) kernels.decay(decay_, x + i, count - i, out + i);
  }
  // One value alone, for who works bar by bar: the same bits.
  double operator()(double value) {
    double out = 0;
    (*this)(simd::kernels(simd::Width::widest), &value, 1, &out);
    return out;
  }

  void save(ByteWriter& out) const {
    out.u64(seen_);
    save_decay(decay_, out);
  }
  bool load(ByteReader& in) {
    seen_ = in.u64();
    return load_decay(decay_, in) && seen_ <= n_;
  }

  static void save_decay(const simd::Decay& decay, ByteWriter& out) {
    out.f64(decay.level);
    out.u8(static_cast<std::uint8_t>(decay.at));
    out.doubles(decay.group);
  }
  static bool load_decay(simd::Decay& decay, ByteReader& in) {
    decay.level = in.f64();
    decay.at = in.u8();
    in.doubles_into(decay.group);
    return decay.at < simd::kGroup;
  }

 private:
  Smoothed(std::size_t n, double weight) : n_(n), decay_(1 - weight, weight) {}
  std::size_t n_, seen_ = 0;
  simd::Decay decay_;  // its level is the sum of the first values while seen_ < n_
};

// Bars until the start, whatever it was, has faded below eps: n for the mean it begins with, then the decay.
std::size_t ema_memory(std::size_t n, double eps);
std::size_t wilder_memory(std::size_t n, double eps);

}  // namespace pawl::features
