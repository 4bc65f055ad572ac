#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

enum class Band { upper, lower, percent_b, width };

template <Band band>
class Bollinger {
 public:
  explicit Bollinger(Parameters p) : window_(length(p[0])), k_(p[1]) {}

  double operator()(double value) {
    window_.push(value);
    if (!window_.full()) return kMissing;
    const auto [mean, deviation] = window_.moments();
    const double half = k_ * deviation;
    if constexpr (band == Band::upper) return mean + half;
    if constexpr (band == Band::lower) return mean - half;
    if constexpr (band == Band::percent_b) return quotient(value - mean + half, 2 * half);
    return quotient(2 * half, mean);
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  MomentsWindow window_;
  double k_;
};

template <Band band>
FeatureKind make_kind(std::string name, std::string unit, std::string help) {
  return {.name = std::move(name),
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 20, 2),
                         {.name = "k", .default_value = 2, .min = 0.01, .max = 100, .fractional = true}},
          .unit = std::move(unit),
          .help = std::move(help),
          .source = "Bollinger; TA-Lib (population deviation)",
          .warm_up = [](Parameters p) { return length(p[0]) - 1; },
          .make = [](Parameters p) { return on_values<Bollinger<band>>(p); },
          .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

}  // namespace

FeatureKind bb_upper_kind() {
  return make_kind<Band::upper>("bb_upper", "price", "Upper Bollinger band: sma(n) + k deviations.");
}

FeatureKind bb_lower_kind() {
  return make_kind<Band::lower>("bb_lower", "price", "Lower Bollinger band: sma(n) - k deviations.");
}

FeatureKind bb_pctb_kind() {
  return make_kind<Band::percent_b>(
      "bb_pctb", "ratio",
      "Place between the Bollinger bands: (x - lower) / (upper - lower); missing where flat.");
}

FeatureKind bb_width_kind() {
  return make_kind<Band::width>("bb_width", "ratio",
                                "Width of the Bollinger bands: (upper - lower) / sma(n).");
}

}  // namespace pawl::features
