#include "features/kinds/kinds.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

class Rsi {
 public:
  explicit Rsi(std::size_t n) : gain_(Smoothed::wilder(n)), loss_(Smoothed::wilder(n)) {}

  double operator()(double value) {
    const double difference = value - previous_;
    previous_ = value;
    if (is_missing(difference)) return kMissing;
    const double gain = gain_(when(difference > 0, difference));
    const double loss = loss_(when(difference < 0, -difference));
    const double total = gain + loss;
    if (is_missing(total)) return kMissing;
    return nearly_zero(total) ? 0.0 : 100 * gain / total;
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
  double previous_ = kMissing;
  Smoothed gain_, loss_;
};

}  // namespace

FeatureKind rsi_kind() {
  return {.name = "rsi",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 14, 2)},
          .unit = "percent",
          .help =
              "Relative strength index: 100 G / (G + L), G and L the gains and losses smoothed as Wilder "
              "does; 0 where nothing moved.",
          .source = "Wilder 1978; TA-Lib",
          .warm_up = [](Parameters p) { return length(p[0]); },
          .make = [](Parameters p) { return on_values<Rsi>(length(p[0])); },
          .memory_bars = [](Parameters p, double eps) { return 1 + wilder_memory(length(p[0]), eps); }};
}

}  // namespace pawl::features
