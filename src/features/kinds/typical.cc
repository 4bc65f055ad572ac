#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

class Typical final : public Feature {
 public:
  void update(const FeatureCall& call) override {
    const BarBlock& bars = call.bars;
    call.kernels.typical(bars.high.data(), bars.low.data(), bars.close.data(), call.size(),
                         call.out().data());
  }
  void save(ByteWriter&) const override {}
  bool load(ByteReader&) override { return true; }
  void copy_from(const Feature&) override {}
};

FeatureKind typical_kind() {
  return {.name = "typical",
          .unit = Unit::price,
          .help = "Typical price: (H + L + C) / 3.",
          .source = "TA-Lib",
          .gapless = true,
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = [](Parameters) -> std::unique_ptr<Feature> { return std::make_unique<Typical>(); },
          .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

}  // namespace

struct TypicalKinds {
  static FeatureKinds all() { return {typical_kind()}; }
};
template FeatureKinds kinds_of<TypicalKinds>();

}  // namespace pawl::features
