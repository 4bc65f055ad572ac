#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

std::string band(Parameters p, char sign) {
  return fmt::format("ema(close,{}){}{}*atr({})", p[0], sign, p[2], p[1]);
}

FeatureKind make_kind(std::string name, Unit unit, std::string help, std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .parameters = {length_parameter("n", 20),
                         length_parameter("atr", 10),
                         {.name = "k", .default_value = 2, .min = 0.01, .max = 100, .fractional = true}},
          .unit = unit,
          .help = std::move(help),
          .source = "Keltner 1960, with Raschke's average and range",
          .definition = definition};
}

FeatureKind keltner_mid_kind() {
  FeatureKind kind = make_kind("keltner_mid", Unit::price, "Middle of the Keltner channel: ema(close, n).",
                               [](Parameters p) { return fmt::format("ema(close,{})", p[0]); });
  kind.parameters.resize(1);
  return kind;
}

FeatureKind keltner_upper_kind() {
  return make_kind("keltner_upper", Unit::price, "Upper Keltner channel: ema(close, n) + k atr(atr).",
                   [](Parameters p) { return band(p, '+'); });
}

FeatureKind keltner_lower_kind() {
  return make_kind("keltner_lower", Unit::price, "Lower Keltner channel: ema(close, n) - k atr(atr).",
                   [](Parameters p) { return band(p, '-'); });
}

FeatureKind keltner_place_kind() {
  return make_kind(
      "keltner_place", Unit::ratio,
      "Place in the Keltner channel: (C - lower) / (upper - lower); 0.5 where it has no width.",
      [](Parameters p) { return fmt::format("place(close,{},{},0.5)", band(p, '-'), band(p, '+')); });
}

}  // namespace

struct KeltnerKinds {
  static FeatureKinds all() {
    return {keltner_mid_kind(), keltner_upper_kind(), keltner_lower_kind(), keltner_place_kind()};
  }
};
template FeatureKinds kinds_of<KeltnerKinds>();

}  // namespace pawl::features
