#include "features/kinds/kinds.h"
#include "features/kinds/run_window.h"

namespace pawl::features {

namespace {

// The mean moves with every bar, so every distance to it does: no way around looking at them all.
constexpr double kLongestScan = 500;

FeatureKind cci_of_kind() {
  return {
      .name = "cci_of",
      .inputs = 1,
      .parameters = {length_parameter("n", 14, 2, kLongestScan)},
      .unit = Unit::percent,
      .help = "(x - mean) / (0.015 mean |x - mean|) over the last n values; 0 where flat.",
      .source = "Lambert 1980; TA-Lib",
      .cost = "O(n)",
      .gapless = true,
      .warm_up = [](Parameters p) { return length(p[0]) - 1; },
      .make =
          [](Parameters p) { return on_blocks<ShortWindow<&simd::Kernels::channel_index>>(length(p[0])); },
      .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

FeatureKind cci_kind() {
  return {
      .name = "cci",
      .version = 2,
      .parameters = {length_parameter("n", 14, 2, kLongestScan)},
      .unit = Unit::percent,
      .help = "Commodity channel index: (TP - mean) / (0.015 mean |TP - mean|) over n bars; 0 where flat.",
      .source = "Lambert 1980; TA-Lib",
      .cost = "O(n)",
      .definition = [](Parameters p) { return fmt::format("cci_of(typical,{})", p[0]); }};
}

}  // namespace

struct CciKinds {
  static FeatureKinds all() { return {cci_of_kind(), cci_kind()}; }
};
template FeatureKinds kinds_of<CciKinds>();

}  // namespace pawl::features
