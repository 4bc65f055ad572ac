#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

FeatureKind stoch_rsi_k_kind() {
  return {
      .name = "stoch_rsi_k",
      .inputs = 1,
      .default_input_close = true,
      .parameters = {length_parameter("n", 14, 2), length_parameter("k", 5)},
      .unit = Unit::percent,
      .help = "Fast stochastic %K of r = rsi(x, n): 100 (r - min) / (max - min) over k bars; 0 where flat.",
      .source = "Chande, Kroll 1994; TA-Lib",
      .definition = [](Parameters p) {
        const std::string rsi = fmt::format("rsi(x,{})", p[0]);
        return fmt::format("100*place({},min({},{}),max({},{}),0)", rsi, rsi, p[1], rsi, p[1]);
      }};
}

FeatureKind stoch_rsi_d_kind() {
  return {.name = "stoch_rsi_d",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 14, 2), length_parameter("k", 5), length_parameter("d", 3)},
          .unit = Unit::percent,
          .help = "Fast stochastic %D of the relative strength index: sma(d) of stoch_rsi_k(x, n, k).",
          .source = "Chande, Kroll 1994; TA-Lib",
          .definition = [](Parameters p) {
            return fmt::format("sma(stoch_rsi_k(x,{},{}),{})", p[0], p[1], p[2]);
          }};
}

}  // namespace

struct StochRsiKinds {
  static FeatureKinds all() { return {stoch_rsi_k_kind(), stoch_rsi_d_kind()}; }
};
template FeatureKinds kinds_of<StochRsiKinds>();

}  // namespace pawl::features
