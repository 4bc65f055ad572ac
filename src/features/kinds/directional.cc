// Wilder's directional movement system. Its sums are computed once, whoever of +DI, -DI and ADX is asked for.
#include <array>

#include "features/kinds/block.h"
#include "features/kinds/kinds.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

std::string plus_sum(double n) {
  return fmt::format("wilder_sum(plus_dm,{})", n);
}
std::string minus_sum(double n) {
  return fmt::format("wilder_sum(minus_dm,{})", n);
}
std::string range_sum(double n) {
  return fmt::format("wilder_sum(tr,{})", n);
}

// 100 a / b, 0 where nothing moved at all.
class DirectionalIndicator final : public Feature {
 public:
  void update(const FeatureCall& call) override {
    const std::span<const double> movement = call.inputs[0], range = call.inputs[1];
    const std::span<double> out = call.out();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double value = nearly_zero(range[i]) ? 0.0 : 100 * movement[i] / range[i];
      out[i] = is_missing(movement[i] + range[i]) ? kMissing : value;
    }
  }
  void save(ByteWriter&) const override {}
  bool load(ByteReader&) override { return true; }
  void copy_from(const Feature&) override {}
};

// Not Wilder's average of the directional index as it is: where there is no direction at all the average is
// kept, and the first n bars count even so.
class Adx final : public Feature {
 public:
  explicit Adx(std::size_t n) : n_(n), smoothed_(Smoothed::wilder(n)) {}

  void update(const FeatureCall& call) override {
    in_parts(call.size(), [&](std::size_t first, std::size_t count) {
      part(call.kernels, call.inputs[0].data() + first, call.inputs[1].data() + first,
           call.inputs[2].data() + first, count, call.out().data() + first);
    });
  }
  void save(ByteWriter& out) const override {
    out.u64(seen_);
    out.f64(last_);
    smoothed_.save(out);
  }
  bool load(ByteReader& in) override {
    seen_ = in.u64();
    last_ = in.f64();
    return seen_ <= n_ && smoothed_.load(in);
  }
  void copy_from(const Feature& other) override { *this = static_cast<const Adx&>(other); }

 private:
  void part(const simd::Kernels& kernels, const double* plus, const double* minus, const double* range,
            std::size_t count, double* out) {
    Part index;
    const bool moving = kernels.directional_index(plus, minus, range, count, index.data());
    if (moving && seen_ >= n_) {
      smoothed_(kernels, index.data(), count, out);
      last_ = out[count - 1];
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = is_missing(plus[i] + minus[i] + range[i])
                   ? kMissing
                   : one(kernels, index[i],
                         kernels.directional_index(plus + i, minus + i, range + i, 1, &index[i]));
    }
  }
  double one(const simd::Kernels& kernels, double index, bool moving) {
    if (seen_ < n_) {
      ++seen_;
    } else if (!moving) {
      return last_;
    }
    smoothed_(kernels, &index, 1, &last_);
    return last_;
  }

  std::size_t n_, seen_ = 0;  // bars that the average began with, as far as there have been
  double last_ = kMissing;
  Smoothed smoothed_;
};

FeatureKind make_hidden_kind(std::string name, int inputs, std::vector<Parameter> parameters,
                             std::string help) {
  return {.name = std::move(name),
          .inputs = inputs,
          .parameters = std::move(parameters),
          .unit = Unit::percent,
          .help = std::move(help),
          .source = "Wilder 1978; TA-Lib",
          .gapless = true};
}

FeatureKind make_indicator(std::string name, std::string help, std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .version = 2,
          .parameters = {length_parameter("n", 14, 2)},
          .unit = Unit::percent,
          .help = std::move(help),
          .source = "Wilder 1978; TA-Lib",
          .definition = definition};
}

FeatureKind di_kind() {
  FeatureKind kind = make_hidden_kind("di", 2, {}, "100 x / y; 0 where y is 0. Of directional movement.");
  kind.warm_up = [](Parameters) { return std::size_t{0}; };
  kind.make = [](Parameters) -> std::unique_ptr<Feature> { return std::make_unique<DirectionalIndicator>(); };
  kind.memory_bars = [](Parameters, double) { return std::size_t{0}; };
  return kind;
}

FeatureKind adx_of_kind() {
  FeatureKind kind =
      make_hidden_kind("adx_of", 3, {length_parameter("n", 14, 2)},
                       "100 |x - y| / (x + y), smoothed as Wilder does; kept where x + y is 0 beside z.");
  kind.warm_up = [](Parameters p) { return length(p[0]) - 1; };
  kind.make = [](Parameters p) -> std::unique_ptr<Feature> { return std::make_unique<Adx>(length(p[0])); };
  kind.memory_bars = [](Parameters p, double eps) { return wilder_memory(length(p[0]), eps); };
  return kind;
}

FeatureKind plus_di_kind() {
  return make_indicator(
      "plus_di", "Plus directional indicator: 100 +DM / TR, both smoothed as Wilder does.",
      [](Parameters p) { return fmt::format("di({},{})", plus_sum(p[0]), range_sum(p[0])); });
}

FeatureKind minus_di_kind() {
  return make_indicator(
      "minus_di", "Minus directional indicator: 100 -DM / TR, both smoothed as Wilder does.",
      [](Parameters p) { return fmt::format("di({},{})", minus_sum(p[0]), range_sum(p[0])); });
}

FeatureKind adx_kind() {
  return make_indicator(
      "adx", "Average directional index: 100 |+DI - -DI| / (+DI + -DI), smoothed as Wilder does.",
      [](Parameters p) {
        return fmt::format("adx_of({},{},{},{})", plus_sum(p[0]), minus_sum(p[0]), range_sum(p[0]), p[0]);
      });
}

}  // namespace

struct DirectionalKinds {
  static FeatureKinds all() {
    return {di_kind(), adx_of_kind(), plus_di_kind(), minus_di_kind(), adx_kind()};
  }
};
template FeatureKinds kinds_of<DirectionalKinds>();

}  // namespace pawl::features
