#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

FeatureKind make_kind(std::string name, Unit unit, std::string help, std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .version = 2,
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 20, 2),
                         {.name = "k", .default_value = 2, .min = 0.01, .max = 100, .fractional = true}},
          .unit = unit,
          .help = std::move(help),
          .source = "Bollinger; TA-Lib (population deviation)",
          .definition = definition};
}

FeatureKind bb_upper_kind() {
  return make_kind("bb_upper", Unit::price, "Upper Bollinger band: sma(n) + k deviations.",
                   [](Parameters p) { return fmt::format("sma(x,{})+{}*std(x,{})", p[0], p[1], p[0]); });
}

FeatureKind bb_lower_kind() {
  return make_kind("bb_lower", Unit::price, "Lower Bollinger band: sma(n) - k deviations.",
                   [](Parameters p) { return fmt::format("sma(x,{})-{}*std(x,{})", p[0], p[1], p[0]); });
}

FeatureKind bb_pctb_kind() {
  return make_kind("bb_pctb", Unit::ratio,
                   "Place between the Bollinger bands: (x - lower) / (upper - lower); missing where flat.",
                   [](Parameters p) {
                     const std::string half = fmt::format("{}*std(x,{})", p[1], p[0]);
                     return fmt::format("(x-sma(x,{})+{})/(2*({}))", p[0], half, half);
                   });
}

FeatureKind bb_width_kind() {
  return make_kind("bb_width", Unit::ratio, "Width of the Bollinger bands: (upper - lower) / sma(n).",
                   [](Parameters p) { return fmt::format("2*({}*std(x,{}))/sma(x,{})", p[1], p[0], p[0]); });
}

}  // namespace

struct BollingerKinds {
  static FeatureKinds all() { return {bb_upper_kind(), bb_lower_kind(), bb_pctb_kind(), bb_width_kind()}; }
};
template FeatureKinds kinds_of<BollingerKinds>();

}  // namespace pawl::features
