#include "features/kinds/exact_math.h"
#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

class Deviation {
 public:
  explicit Deviation(std::size_t n) : window_(n) {}
  double operator()(double value) {
    window_.push(value);
    return window_.full() ? window_.moments().deviation : kMissing;
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  MomentsWindow window_;
};

class ZScore {
 public:
  explicit ZScore(std::size_t n) : window_(n) {}
  double operator()(double value) {
    window_.push(value);
    if (!window_.full()) return kMissing;
    const auto [mean, deviation] = window_.moments();
    return quotient(value - mean, deviation);
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  MomentsWindow window_;
};

class RealisedVolatility {
 public:
  explicit RealisedVolatility(std::size_t n) : deviation_(n) {}
  double operator()(double value) {
    const double before = previous_;
    previous_ = value;
    return value > 0 && before > 0 ? deviation_(exact_log(value / before)) : kMissing;
  }
  void save(ByteWriter& out) const {
    out.f64(previous_);
    deviation_.save(out);
  }
  bool load(ByteReader& in) {
    previous_ = in.f64();
    return deviation_.load(in);
  }

 private:
  double previous_ = kMissing;
  Deviation deviation_;
};

std::size_t one_less(Parameters p) {
  return length(p[0]) - 1;
}
std::size_t window_memory(Parameters p, double) {
  return length(p[0]);
}

}  // namespace

FeatureKind std_kind() {
  return {.name = "std",
          .inputs = 1,
          .parameters = {length_parameter("n", 20, 2)},
          .unit = "as the input",
          .help = "Population standard deviation of the last n values.",
          .source = "",
          .warm_up = one_less,
          .make = [](Parameters p) { return on_values<Deviation>(length(p[0])); },
          .memory_bars = window_memory};
}

FeatureKind zscore_kind() {
  return {
      .name = "zscore",
      .inputs = 1,
      .parameters = {length_parameter("n", 20, 2)},
      .unit = "ratio",
      .help = "(x - mean) / population standard deviation, both of the last n values; missing where flat.",
      .source = "",
      .warm_up = one_less,
      .make = [](Parameters p) { return on_values<ZScore>(length(p[0])); },
      .memory_bars = window_memory};
}

FeatureKind realised_vol_kind() {
  return {.name = "realised_vol",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 20, 2)},
          .unit = "ratio",
          .help = "Population standard deviation of the last n log returns, per bar.",
          .source = "",
          .warm_up = [](Parameters p) { return length(p[0]); },
          .make = [](Parameters p) { return on_values<RealisedVolatility>(length(p[0])); },
          .memory_bars = [](Parameters p, double) { return length(p[0]) + 1; }};
}

}  // namespace pawl::features
