#include "features/levels/round_numbers.h"

#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

class RoundLevel final : public Feature {
 public:
  void update(const FeatureCall& call) override {
    const std::span<const double> price = call.inputs[0], range = call.inputs[1];
    for (std::size_t i = 0; i < call.size(); ++i) {
      // Not where one of them is missing either.
      const bool known = price[i] > 0 && range[i] >= 0;
      call.out()[i] = known ? finite_or_missing(round_step(price[i], range[i]).nearest(price[i])) : kMissing;
    }
  }
  void save(ByteWriter&) const override {}
  bool load(ByteReader&) override { return true; }
  void copy_from(const Feature&) override {}
};

FeatureKind round_level_kind() {
  return {
      .name = "round_level",
      .inputs = 2,
      .unit = Unit::input,
      .help =
          "The round number nearest to x: a multiple of the least of 1, 2 and 5 times a power of ten that is "
          "not below max(x / 200, 4 y); missing unless x is above zero.",
      .source = "docs/levels.md",
      .warm_up = [](Parameters) { return std::size_t{0}; },
      .make = [](Parameters) -> std::unique_ptr<Feature> { return std::make_unique<RoundLevel>(); },
      .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

FeatureKind round_distance_kind() {
  return {.name = "round_distance",
          .parameters = {length_parameter("atr", 14)},
          .unit = Unit::ratio,
          .help = "Distance from the nearest round number: (C - round_level(C, ATR)) / ATR.",
          .source = "docs/levels.md",
          .definition = [](Parameters p) {
            return fmt::format("(close-round_level(close,atr({})))/atr({})", p[0], p[0]);
          }};
}

}  // namespace

struct RoundNumbersKinds {
  static FeatureKinds all() { return {round_level_kind(), round_distance_kind()}; }
};
template FeatureKinds kinds_of<RoundNumbersKinds>();

}  // namespace pawl::features
