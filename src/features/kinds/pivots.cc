// The classic floor pivots of the market's day before.
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

FeatureKind make_kind(std::string name, std::string help, std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .version = 2,
          .unit = Unit::price,
          .help = std::move(help),
          .source = "floor traders' practice; docs/levels.md",
          .definition = definition};
}

FeatureKind pivot_p_kind() {
  return make_kind(
      "pivot_p", "Floor pivot of the day before: P = (H + L + C) / 3.",
      [](Parameters) -> std::string { return "(prior_day_high+prior_day_low+prior_day_close)/3"; });
}

FeatureKind pivot_r1_kind() {
  return make_kind("pivot_r1", "First resistance of the day before: R1 = 2 P - L.",
                   [](Parameters) -> std::string { return "2*pivot_p-prior_day_low"; });
}

FeatureKind pivot_s1_kind() {
  return make_kind("pivot_s1", "First support of the day before: S1 = 2 P - H.",
                   [](Parameters) -> std::string { return "2*pivot_p-prior_day_high"; });
}

FeatureKind pivot_r2_kind() {
  return make_kind("pivot_r2", "Second resistance of the day before: R2 = P + (H - L).",
                   [](Parameters) -> std::string { return "pivot_p+(prior_day_high-prior_day_low)"; });
}

FeatureKind pivot_s2_kind() {
  return make_kind("pivot_s2", "Second support of the day before: S2 = P - (H - L).",
                   [](Parameters) -> std::string { return "pivot_p-(prior_day_high-prior_day_low)"; });
}

}  // namespace

struct PivotsKinds {
  static FeatureKinds all() {
    return {pivot_p_kind(), pivot_r1_kind(), pivot_s1_kind(), pivot_r2_kind(), pivot_s2_kind()};
  }
};
template FeatureKinds kinds_of<PivotsKinds>();

}  // namespace pawl::features
