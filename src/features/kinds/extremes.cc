#include "features/kinds/kinds.h"
#include "features/kinds/run_window.h"

namespace pawl::features {

namespace {

FeatureKind make_kind(std::string name, std::string help, std::unique_ptr<Feature> (*make)(Parameters)) {
  return {.name = std::move(name),
          .version = 2,
          .inputs = 1,
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::input,
          .help = std::move(help),
          .source = "TA-Lib (MAX, MIN)",
          .gapless = true,
          .warm_up = [](Parameters p) { return length(p[0]) - 1; },
          .make = make,
          .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

FeatureKind min_kind() {
  return make_kind("min", "The least of the last n values.", [](Parameters p) {
    return on_window<&simd::Kernels::short_min, simd::kShortExtreme, &simd::Kernels::window_min>(
        length(p[0]));
  });
}

FeatureKind max_kind() {
  return make_kind("max", "The greatest of the last n values.", [](Parameters p) {
    return on_window<&simd::Kernels::short_max, simd::kShortExtreme, &simd::Kernels::window_max>(
        length(p[0]));
  });
}

}  // namespace

struct ExtremesKinds {
  static FeatureKinds all() { return {min_kind(), max_kind()}; }
};
template FeatureKinds kinds_of<ExtremesKinds>();

}  // namespace pawl::features
