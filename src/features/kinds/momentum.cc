#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

FeatureKind momentum_kind() {
  return {.name = "momentum",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 10)},
          .unit = Unit::input,
          .help = "Change over n bars: x - x[-n].",
          .source = "TA-Lib (MOM)",
          .definition = [](Parameters p) { return fmt::format("x-lag(x,{})", p[0]); }};
}

}  // namespace

struct MomentumKinds {
  static FeatureKinds all() { return {momentum_kind()}; }
};
template FeatureKinds kinds_of<MomentumKinds>();

}  // namespace pawl::features
