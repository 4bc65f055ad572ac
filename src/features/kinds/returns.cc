// Changes against the value n bars ago. These count bars: a missing value n bars ago makes a missing change.
#include <algorithm>

#include "features/kinds/block.h"
#include "features/kinds/exact_math.h"
#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

class Return {
 public:
  Return(std::size_t n, double scale) : before_(n), scale_(scale) {}
  double operator()(double value) { return finite_or_missing(scale_ * (value / before_(value) - 1)); }
  void save(ByteWriter& out) const { before_.save(out); }
  bool load(ByteReader& in) { return before_.load(in); }

 private:
  Delay before_;
  double scale_;
};

class LogReturn {
 public:
  explicit LogReturn(std::size_t n) : before_(n) {}
  double operator()(double value) {
    const double before = before_(value);
    return value > 0 && before > 0 ? exact_log(value / before) : kMissing;
  }
  void save(ByteWriter& out) const { before_.save(out); }
  bool load(ByteReader& in) { return before_.load(in); }

 private:
  Delay before_;
};

class Skip {
 public:
  explicit Skip(std::size_t n) : left_(n) {}
  void operator()(const simd::Kernels&, const double* x, std::size_t count, double* out) {
    const std::size_t hidden = std::min(left_, count);
    std::fill_n(out, hidden, kMissing);
    std::copy(x + hidden, x + count, out + hidden);
    left_ -= hidden;
  }
  void save(ByteWriter& out) const { out.u64(left_); }
  bool load(ByteReader& in) {
    left_ = in.u64();
    return true;
  }

 private:
  std::size_t left_;
};

std::size_t whole_length(Parameters p) {
  return length(p[0]);
}
std::size_t whole_memory(Parameters p, double) {
  return length(p[0]);
}

FeatureKind ret_kind() {
  return {.name = "ret",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 1)},
          .unit = Unit::ratio,
          .help = "Simple return over n bars: x / x[-n] - 1.",
          .source = "common practice",
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_every_value<Return>(length(p[0]), 1.0); },
          .memory_bars = whole_memory};
}

FeatureKind roc_kind() {
  return {.name = "roc",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 12)},
          .unit = Unit::percent,
          .help = "Rate of change over n bars: 100 (x / x[-n] - 1).",
          .source = "TA-Lib",
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_every_value<Return>(length(p[0]), 100.0); },
          .memory_bars = whole_memory};
}

FeatureKind logret_kind() {
  return {.name = "logret",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 1)},
          .unit = Unit::ratio,
          .help = "Log return over n bars: log(x / x[-n]); missing unless both are above zero.",
          .source = "common practice",
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_every_value<LogReturn>(length(p[0])); },
          .memory_bars = whole_memory};
}

FeatureKind skip_kind() {
  return {.name = "skip",
          .inputs = 1,
          .parameters = {length_parameter("n", 1, 0)},
          .unit = Unit::input,
          .help = "The value, missing until there have been n others: what is made of it begins later.",
          .source = "TA-Lib (MACD's start)",
          .gapless = true,
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_blocks<Skip>(length(p[0])); },
          .memory_bars = whole_memory};
}

FeatureKind lag_kind() {
  return {.name = "lag",
          .inputs = 1,
          .parameters = {length_parameter("n", 1)},
          .unit = Unit::input,
          .help = "The value n bars ago.",
          .source = "common practice",
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_every_value<Delay>(length(p[0])); },
          .memory_bars = whole_memory};
}

}  // namespace

struct ReturnsKinds {
  static FeatureKinds all() { return {ret_kind(), roc_kind(), logret_kind(), skip_kind(), lag_kind()}; }
};
template FeatureKinds kinds_of<ReturnsKinds>();

}  // namespace pawl::features
