#include "features/kinds/atr.h"

#include "features/kinds/kinds.h"

namespace pawl::features {

FeatureKind atr_kind() {
  return {.name = "atr",
          .parameters = {length_parameter("n", 14)},
          .unit = "price",
          .help = "Average true range: max(H - L, |H - C[-1]|, |L - C[-1]|) smoothed as Wilder does.",
          .source = "Wilder 1978; TA-Lib",
          .warm_up = [](Parameters p) { return length(p[0]); },
          .make = [](Parameters p) { return on_bars<TrueRangeAverage>(length(p[0])); },
          .memory_bars = [](Parameters p, double eps) { return 1 + wilder_memory(length(p[0]), eps); }};
}

}  // namespace pawl::features
