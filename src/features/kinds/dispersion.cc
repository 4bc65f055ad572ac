#include "features/kinds/kinds.h"
#include "features/kinds/run_window.h"

namespace pawl::features {

namespace {

std::size_t one_less(Parameters p) {
  return length(p[0]) - 1;
}
std::size_t window_memory(Parameters p, double) {
  return length(p[0]);
}

FeatureKind sum_kind() {
  return {.name = "sum",
          .inputs = 1,
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::input,
          .help = "Sum of the last n values.",
          .source = "TA-Lib (SUM)",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_blocks<RunWindow<&simd::Kernels::window_sum>>(length(p[0])); },
          .memory_bars = window_memory};
}

FeatureKind std_kind() {
  return {.name = "std",
          .version = 2,
          .inputs = 1,
          .parameters = {length_parameter("n", 20, 2)},
          .unit = Unit::input,
          .help = "Population standard deviation of the last n values.",
          .source = "TA-Lib (STDDEV)",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_blocks<RunDeviation>(length(p[0])); },
          .memory_bars = window_memory};
}

FeatureKind zscore_kind() {
  return {
      .name = "zscore",
      .version = 2,
      .inputs = 1,
      .parameters = {length_parameter("n", 20, 2)},
      .unit = Unit::ratio,
      .help = "(x - mean) / population standard deviation, both of the last n values; missing where flat.",
      .source = "common practice",
      .definition = [](Parameters p) { return fmt::format("(x-sma(x,{}))/std(x,{})", p[0], p[0]); }};
}

FeatureKind realised_vol_kind() {
  return {.name = "realised_vol",
          .version = 2,
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 20, 2)},
          .unit = Unit::ratio,
          .help = "Population standard deviation of the last n log returns, per bar.",
          .source = "Andersen, Bollerslev 1998",
          .definition = [](Parameters p) { return fmt::format("std(logret(x,1),{})", p[0]); }};
}

}  // namespace

struct DispersionKinds {
  static FeatureKinds all() { return {sum_kind(), std_kind(), zscore_kind(), realised_vol_kind()}; }
};
template FeatureKinds kinds_of<DispersionKinds>();

}  // namespace pawl::features
