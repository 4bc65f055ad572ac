// Volatility of log prices from what bars reach, which says more than their closes do.
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

constexpr double kOneOver4Ln2 = 0.36067376022224085;
constexpr double k2Ln2Less1 = 0.38629436111989063;

FeatureKind make_kind(std::string name, std::string help, std::string source,
                      std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::ratio,
          .help = std::move(help),
          .source = std::move(source),
          .definition = definition};
}

FeatureKind parkinson_kind() {
  return make_kind("parkinson",
                   "Parkinson volatility, per bar: sqrt(mean of log(H / L)^2 over n bars / (4 log 2)).",
                   "Parkinson 1980, Journal of Business 53", [](Parameters p) {
                     return fmt::format("sqrt({}*sma(log(high/low)*log(high/low),{}))", kOneOver4Ln2, p[0]);
                   });
}

FeatureKind garman_klass_kind() {
  return make_kind(
      "garman_klass",
      "Garman-Klass volatility, per bar: sqrt(mean of log(H / L)^2 / 2 - (2 log 2 - 1) log(C / O)^2 "
      "over n bars).",
      "Garman, Klass 1980, Journal of Business 53", [](Parameters p) {
        return fmt::format(
            "sqrt(sma(0.5*(log(high/low)*log(high/low))-{}*(log(close/open)*log(close/open)),{}))",
            k2Ln2Less1, p[0]);
      });
}

}  // namespace

struct RangeVolatilityKinds {
  static FeatureKinds all() { return {parkinson_kind(), garman_klass_kind()}; }
};
template FeatureKinds kinds_of<RangeVolatilityKinds>();

}  // namespace pawl::features
