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

// The C library's is correctly rounded everywhere.
struct SquareRoot : Stateless {
  double operator()(double value) const { return value >= 0 ? std::sqrt(value) : kMissing; }
};

// With what to say where there is nothing to divide by.
class RatioOr final : public Feature {
 public:
  void update(const FeatureCall& call) override {
    const std::span<const double> x = call.inputs[0], y = call.inputs[1], z = call.inputs[2];
    const std::span<double> out = call.out();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double value = y[i] == 0 ? z[i] : x[i] / y[i];
      out[i] = is_missing(x[i] + z[i]) ? kMissing : finite_or_missing(value);
    }
  }
  void save(ByteWriter&) const override {}
  bool load(ByteReader&) override { return true; }
  void copy_from(const Feature&) override {}
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
          .source = "common practice",
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = make,
          .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

FeatureKind abs_kind() {
  return make_kind("abs", Unit::input, "The value without its sign.",
                   [](Parameters) { return on_values<Absolute>(); });
}

FeatureKind log_kind() {
  return make_kind("log", Unit::ratio, "Natural logarithm; missing unless the value is above zero.",
                   [](Parameters) { return on_values<Logarithm>(); });
}

FeatureKind sqrt_kind() {
  return make_kind("sqrt", Unit::ratio, "Square root; missing below zero.",
                   [](Parameters) { return on_values<SquareRoot>(); });
}

FeatureKind ratio_or_kind() {
  FeatureKind kind =
      make_kind("ratio_or", Unit::input, "x / y; z where y is 0.",
                [](Parameters) -> std::unique_ptr<Feature> { return std::make_unique<RatioOr>(); });
  kind.inputs = 3;
  return kind;
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

}  // namespace

struct ElementwiseKinds {
  static FeatureKinds all() {
    return {abs_kind(), log_kind(), sqrt_kind(), ratio_or_kind(), sign_kind(), clip_kind()};
  }
};
template FeatureKinds kinds_of<ElementwiseKinds>();

}  // namespace pawl::features
