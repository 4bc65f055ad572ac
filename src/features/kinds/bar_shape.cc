#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

struct CloseLocation : Stateless {
  double operator()(const BarBlock& bars, std::size_t i) const {
    const double range = bars.high[i] - bars.low[i];
    return range > 0 ? (bars.close[i] - bars.low[i]) / range : 0.5;
  }
};

struct Body : Stateless {
  double operator()(const BarBlock& bars, std::size_t i) const {
    const double range = bars.high[i] - bars.low[i];
    return range > 0 ? (bars.close[i] - bars.open[i]) / range : 0.0;
  }
};

template <class Step>
FeatureKind make_kind(std::string name, std::string help) {
  return {.name = std::move(name),
          .unit = Unit::ratio,
          .help = std::move(help),
          .source = "common practice",
          .gapless = true,
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = [](Parameters) { return on_bars<Step>(); },
          .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

FeatureKind clv_kind() {
  return make_kind<CloseLocation>("clv", "Place of the close in its bar: (C - L) / (H - L); 0.5 where flat.");
}

FeatureKind body_kind() {
  return make_kind<Body>("body", "Body of the bar: (C - O) / (H - L); 0 where flat.");
}

}  // namespace

struct BarShapeKinds {
  static FeatureKinds all() { return {clv_kind(), body_kind()}; }
};
template FeatureKinds kinds_of<BarShapeKinds>();

}  // namespace pawl::features
