// Where the close stands within the range of the last n bars.
#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

// (C − LL) / (HH − LL) with what to say where the range is flat.
class RangePlace {
 public:
  RangePlace(std::size_t n, double when_flat) : highest_(n), lowest_(n), when_flat_(when_flat) {}

  double operator()(const BarBlock& bars, std::size_t i) {
    highest_.push(bars.high[i]);
    lowest_.push(bars.low[i]);
    if (!highest_.full()) return kMissing;
    const double high = highest_.fold().value, low = lowest_.fold().value;
    return high > low ? (bars.close[i] - low) / (high - low) : when_flat_;
  }
  void save(ByteWriter& out) const {
    highest_.save(out);
    lowest_.save(out);
  }
  bool load(ByteReader& in) { return highest_.load(in) && lowest_.load(in); }

 private:
  MaxWindow highest_;
  MinWindow lowest_;
  double when_flat_;
};

class StochasticK {
 public:
  StochasticK(std::size_t n, std::size_t smoothing) : place_(n, 0.0), mean_(smoothing) {}

  double operator()(const BarBlock& bars, std::size_t i) {
    const double place = place_(bars, i);
    if (is_missing(place)) return kMissing;
    mean_.push(100 * place);
    return mean_.full() ? mean_.mean() : kMissing;
  }
  void save(ByteWriter& out) const {
    place_.save(out);
    mean_.save(out);
  }
  bool load(ByteReader& in) { return place_.load(in) && mean_.load(in); }

 private:
  RangePlace place_;
  SumWindow mean_;
};

class StochasticD {
 public:
  explicit StochasticD(Parameters p) : k_(length(p[0]), length(p[1])), mean_(length(p[2])) {}

  double operator()(const BarBlock& bars, std::size_t i) {
    const double k = k_(bars, i);
    if (is_missing(k)) return kMissing;
    mean_.push(k);
    return mean_.full() ? mean_.mean() : kMissing;
  }
  void save(ByteWriter& out) const {
    k_.save(out);
    mean_.save(out);
  }
  bool load(ByteReader& in) { return k_.load(in) && mean_.load(in); }

 private:
  StochasticK k_;
  SumWindow mean_;
};

class WilliamsR {
 public:
  // Flat: 0, as TA-Lib says.
  explicit WilliamsR(std::size_t n) : place_(n, 1.0) {}
  double operator()(const BarBlock& bars, std::size_t i) { return 100 * (place_(bars, i) - 1); }
  void save(ByteWriter& out) const { place_.save(out); }
  bool load(ByteReader& in) { return place_.load(in); }

 private:
  RangePlace place_;
};

std::size_t one_less(Parameters p) {
  return length(p[0]) - 1;
}
std::size_t window_memory(Parameters p, double) {
  return length(p[0]);
}

}  // namespace

FeatureKind stoch_k_kind() {
  return {.name = "stoch_k",
          .parameters = {length_parameter("n", 14), length_parameter("smoothing", 3)},
          .unit = "percent",
          .help = "Slow stochastic %K: sma(smoothing) of 100 (C - LL) / (HH - LL) over n bars; 0 where flat.",
          .source = "Lane; TA-Lib",
          .warm_up = [](Parameters p) { return length(p[0]) + length(p[1]) - 2; },
          .make = [](Parameters p) { return on_bars<StochasticK>(length(p[0]), length(p[1])); },
          .memory_bars = [](Parameters p, double) { return length(p[0]) + length(p[1]); }};
}

FeatureKind stoch_d_kind() {
  return {
      .name = "stoch_d",
      .parameters = {length_parameter("n", 14), length_parameter("smoothing", 3), length_parameter("d", 3)},
      .unit = "percent",
      .help = "Slow stochastic %D: sma(d) of stoch_k(n, smoothing).",
      .source = "Lane; TA-Lib",
      .warm_up = [](Parameters p) { return length(p[0]) + length(p[1]) + length(p[2]) - 3; },
      .make = [](Parameters p) { return on_bars<StochasticD>(p); },
      .memory_bars = [](Parameters p, double) { return length(p[0]) + length(p[1]) + length(p[2]); }};
}

FeatureKind willr_kind() {
  return {.name = "willr",
          .parameters = {length_parameter("n", 14)},
          .unit = "percent",
          .help = "Williams %R: -100 (HH - C) / (HH - LL) over n bars; 0 where flat.",
          .source = "Williams; TA-Lib",
          .warm_up = one_less,
          .make = [](Parameters p) { return on_bars<WilliamsR>(length(p[0])); },
          .memory_bars = window_memory};
}

FeatureKind donchian_kind() {
  return {.name = "donchian",
          .parameters = {length_parameter("n", 20)},
          .unit = "ratio",
          .help = "Place in the Donchian channel: (C - LL) / (HH - LL) over n bars; 0.5 where flat.",
          .source = "Donchian",
          .warm_up = one_less,
          .make = [](Parameters p) { return on_bars<RangePlace>(length(p[0]), 0.5); },
          .memory_bars = window_memory};
}

}  // namespace pawl::features
