// Where the close stands within the range of the last n bars.
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

// The place of one expression between two others.
class Place final : public Feature {
 public:
  explicit Place(double flat) : flat_(flat) {}
  void update(const FeatureCall& call) override {
    call.kernels.place(call.inputs[0].data(), call.inputs[1].data(), call.inputs[2].data(), flat_,
                       call.size(), call.out().data());
  }
  void save(ByteWriter&) const override {}
  bool load(ByteReader&) override { return true; }
  void copy_from(const Feature&) override {}

 private:
  double flat_;
};

std::string place_in_range(double n, double flat) {
  return fmt::format("place(close,min(low,{}),max(high,{}),{})", n, n, flat);
}
// TA-Lib says 0 where the range is flat.
std::string fast_k(double n) {
  return fmt::format("100*{}", place_in_range(n, 0));
}

FeatureKind place_kind() {
  return {
      .name = "place",
      .inputs = 3,
      .parameters = {{.name = "flat", .default_value = 0.5, .min = -1e12, .max = 1e12, .fractional = true}},
      .unit = Unit::ratio,
      .help = "Place of x between y and z: (x - y) / (z - y); `flat` where z is not above y.",
      .source = "Lane; TA-Lib",
      .gapless = true,
      .warm_up = [](Parameters) { return std::size_t{0}; },
      .make = [](Parameters p) -> std::unique_ptr<Feature> { return std::make_unique<Place>(p[0]); },
      .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

FeatureKind stoch_k_kind() {
  return {.name = "stoch_k",
          .version = 2,
          .parameters = {length_parameter("n", 14), length_parameter("smoothing", 3)},
          .unit = Unit::percent,
          .help = "Slow stochastic %K: sma(smoothing) of 100 (C - LL) / (HH - LL) over n bars; 0 where flat.",
          .source = "Lane; TA-Lib",
          .definition = [](Parameters p) { return fmt::format("sma({},{})", fast_k(p[0]), p[1]); }};
}

FeatureKind stoch_d_kind() {
  return {
      .name = "stoch_d",
      .version = 2,
      .parameters = {length_parameter("n", 14), length_parameter("smoothing", 3), length_parameter("d", 3)},
      .unit = Unit::percent,
      .help = "Slow stochastic %D: sma(d) of stoch_k(n, smoothing).",
      .source = "Lane; TA-Lib",
      .definition = [](Parameters p) { return fmt::format("sma(stoch_k({},{}),{})", p[0], p[1], p[2]); }};
}

FeatureKind willr_kind() {
  return {.name = "willr",
          .version = 2,
          .parameters = {length_parameter("n", 14)},
          .unit = Unit::percent,
          .help = "Williams %R: -100 (HH - C) / (HH - LL) over n bars; 0 where flat.",
          .source = "Williams; TA-Lib",
          .definition = [](Parameters p) { return fmt::format("100*({}-1)", place_in_range(p[0], 1)); }};
}

FeatureKind make_channel(std::string name, std::string help, std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::price,
          .help = std::move(help),
          .source = "Donchian",
          .definition = definition};
}

FeatureKind donchian_high_kind() {
  return make_channel("donchian_high", "Upper Donchian channel: the highest high of n bars.",
                      [](Parameters p) { return fmt::format("max(high,{})", p[0]); });
}

FeatureKind donchian_low_kind() {
  return make_channel("donchian_low", "Lower Donchian channel: the lowest low of n bars.",
                      [](Parameters p) { return fmt::format("min(low,{})", p[0]); });
}

FeatureKind donchian_mid_kind() {
  return make_channel("donchian_mid", "Middle of the Donchian channel: (HH + LL) / 2 over n bars.",
                      [](Parameters p) { return fmt::format("(max(high,{})+min(low,{}))/2", p[0], p[0]); });
}

FeatureKind donchian_kind() {
  return {.name = "donchian",
          .version = 2,
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::ratio,
          .help = "Place in the Donchian channel: (C - LL) / (HH - LL) over n bars; 0.5 where flat.",
          .source = "Donchian",
          .definition = [](Parameters p) { return place_in_range(p[0], 0.5); }};
}

}  // namespace

struct RangesKinds {
  static FeatureKinds all() {
    return {place_kind(),    stoch_k_kind(),       stoch_d_kind(),      willr_kind(),
            donchian_kind(), donchian_high_kind(), donchian_low_kind(), donchian_mid_kind()};
  }
};
template FeatureKinds kinds_of<RangesKinds>();

}  // namespace pawl::features
