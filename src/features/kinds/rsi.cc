#include <array>

#include "features/kinds/block.h"
#include "features/kinds/kinds.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

class Rsi {
 public:
  explicit Rsi(std::size_t n) : gain_(Smoothed::wilder(n)), loss_(Smoothed::wilder(n)) {}

  void operator()(const simd::Kernels& kernels, const double* x, std::size_t count, double* out) {
    in_parts(count,
             [&](std::size_t first, std::size_t size) { part(kernels, x + first, size, out + first); });
  }
  void save(ByteWriter& out) const {
    out.f64(previous_);
    gain_.save(out);
    loss_.save(out);
  }
  bool load(ByteReader& in) {
    previous_ = in.f64();
    return gain_.load(in) && loss_.load(in);
  }

 private:
  void part(const simd::Kernels& kernels, const double* x, std::size_t count, double* out) {
    Part gains, losses;
    const std::array<double, 2> first = {previous_, x[0]};
    previous_ = x[count - 1];
    if (is_missing(first[0])) {
      *out++ = kMissing;
    } else {
      kernels.changes(&first[1], 1, gains.data(), losses.data());
      smooth(kernels, gains, losses, 1, out++);
    }
    if (count == 1) return;
    kernels.changes(x + 1, count - 1, gains.data(), losses.data());
    smooth(kernels, gains, losses, count - 1, out);
  }
  void smooth(const simd::Kernels& kernels, Part& gains, Part& losses, std::size_t count, double* out) {
    gain_(kernels, gains.data(), count, gains.data());
    loss_(kernels, losses.data(), count, losses.data());
    kernels.percent_of_both(gains.data(), losses.data(), count, out);
  }

  double previous_ = kMissing;
  Smoothed gain_, loss_;
};

FeatureKind rsi_kind() {
  return {.name = "rsi",
          .version = 2,
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 14, 2)},
          .unit = Unit::percent,
          .help =
              "Relative strength index: 100 G / (G + L), G and L the gains and losses smoothed as Wilder "
              "does; 0 where nothing moved.",
          .source = "Wilder 1978; TA-Lib",
          .gapless = true,
          .warm_up = [](Parameters p) { return length(p[0]); },
          .make = [](Parameters p) { return on_blocks<Rsi>(length(p[0])); },
          .memory_bars = [](Parameters p, double eps) { return 1 + wilder_memory(length(p[0]), eps); }};
}

}  // namespace

struct RsiKinds {
  static FeatureKinds all() { return {rsi_kind()}; }
};
template FeatureKinds kinds_of<RsiKinds>();

}  // namespace pawl::features
