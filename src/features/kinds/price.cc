// One price of a bar.
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
          .source = "TA-Lib (TYPPRICE)",
          .gapless = true,
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = [](Parameters) -> std::unique_ptr<Feature> { return std::make_unique<Typical>(); },
          .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

FeatureKind median_price_kind() {
  return {.name = "median_price",
          .unit = Unit::price,
          .help = "Middle of the bar: (H + L) / 2.",
          .source = "TA-Lib (MEDPRICE)",
          .definition = [](Parameters) -> std::string { return "(high+low)*0.5"; }};
}

}  // namespace

struct PriceKinds {
  static FeatureKinds all() { return {typical_kind(), median_price_kind()}; }
};
template FeatureKinds kinds_of<PriceKinds>();

}  // namespace pawl::features
