#include <algorithm>

#include "features/kinds/exact_math.h"
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

struct Absolute : Stateless {
  double operator()(double value) const { return std::fabs(value); }
};

struct Logarithm : Stateless {
  double operator()(double value) const { return value > 0 ? exact_log(value) : kMissing; }
};

struct Sign : Stateless {
  double operator()(double value) const { return static_cast<double>((value > 0) - (value < 0)); }
};

struct Clip : Stateless {
  explicit Clip(Parameters p) : low(p[0]), high(p[1]) {}
  double operator()(double value) const { return std::clamp(value, low, high); }
  double low, high;
};

FeatureKind make_kind(std::string name, Unit unit, std::string help,
                      std::unique_ptr<Feature> (*make)(Parameters)) {
  return {.name = std::move(name),
          .inputs = 1,
          .unit = unit,
          .help = std::move(help),
          .source = "",
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = make,
          .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

}  // namespace

FeatureKind abs_kind() {
  return make_kind("abs", Unit::input, "The value without its sign.",
                   [](Parameters) { return on_values<Absolute>(); });
}

FeatureKind log_kind() {
  return make_kind("log", Unit::ratio, "Natural logarithm; missing unless the value is above zero.",
                   [](Parameters) { return on_values<Logarithm>(); });
}

FeatureKind sign_kind() {
  return make_kind("sign", Unit::ratio, "-1, 0 or 1.", [](Parameters) { return on_values<Sign>(); });
}

FeatureKind clip_kind() {
  FeatureKind kind = make_kind("clip", Unit::input, "The value, or the limit that it is beyond.",
                               [](Parameters p) { return on_values<Clip>(p); });
  kind.parameters = {{.name = "low", .default_value = -3, .min = -1e12, .max = 1e12, .fractional = true},
                     {.name = "high", .default_value = 3, .min = -1e12, .max = 1e12, .fractional = true}};
  kind.check = [](Parameters p) -> std::string { return p[0] < p[1] ? "" : "low must be less than high"; };
  return kind;
}

}  // namespace pawl::features
