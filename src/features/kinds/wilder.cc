// Wilder's smoothing, as kinds of their own: atr, the directional indicators and others are made of them.
#include "features/kinds/block.h"
#include "features/kinds/kinds.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

// The first n − 1 values are added up; from the n-th on S = S − S/n + x.
class WilderSum {
 public:
  explicit WilderSum(std::size_t n) : n_(n), decay_(1 - 1.0 / static_cast<double>(n), 1) {}

  void operator()(const simd::Kernels& kernels, const double* x, std::size_t count, double* out) {
    std::size_t i = 0;
    for (; i < count && seen_ + 1 < n_; ++i, ++seen_) {
      decay_.level += x[i];
      out[i] = kMissing;
    }
    if (i < count) kernels.decay(decay_, x + i, count - i, out + i);
  }
  void save(ByteWriter& out) const {
    out.u64(seen_);
    Smoothed::save_decay(decay_, out);
  }
  bool load(ByteReader& in) {
    seen_ = in.u64();
    return Smoothed::load_decay(decay_, in) && seen_ < n_;
  }

 private:
  std::size_t n_, seen_ = 0;
  simd::Decay decay_;
};

std::size_t one_less(Parameters p) {
  return length(p[0]) - 1;
}
std::size_t memory(Parameters p, double eps) {
  return wilder_memory(length(p[0]), eps);
}

FeatureKind wilder_kind() {
  return {.name = "wilder",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 14)},
          .unit = Unit::input,
          .help = "Wilder's average: P += (x - P)/n, from the mean of the first n values.",
          .source = "Wilder 1978; TA-Lib",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_blocks<Smoothed>(Smoothed::wilder(length(p[0]))); },
          .memory_bars = memory};
}

FeatureKind wilder_sum_kind() {
  return {.name = "wilder_sum",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 14, 2)},
          .unit = Unit::input,
          .help = "Wilder's sum: S = S - S/n + x, from the sum of the first n - 1 values.",
          .source = "Wilder 1978; TA-Lib",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_blocks<WilderSum>(length(p[0])); },
          .memory_bars = memory};
}

}  // namespace

struct WilderKinds {
  static FeatureKinds all() { return {wilder_kind(), wilder_sum_kind()}; }
};
template FeatureKinds kinds_of<WilderKinds>();

}  // namespace pawl::features
