#include "features/kinds/kinds.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

class Atr {
 public:
  explicit Atr(std::size_t n) : range_(Smoothed::wilder(n)) {}

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

}  // namespace

FeatureKind atr_kind() {
  return {.name = "atr",
          .parameters = {length_parameter("n", 14)},
          .unit = "price",
          .help = "Average true range: max(H - L, |H - C[-1]|, |L - C[-1]|) smoothed as Wilder does.",
          .source = "Wilder 1978; TA-Lib",
          .warm_up = [](Parameters p) { return length(p[0]); },
          .make = [](Parameters p) { return on_bars<Atr>(length(p[0])); },
          .memory_bars = [](Parameters p, double eps) { return 1 + wilder_memory(length(p[0]), eps); }};
}

}  // namespace pawl::features
