// Features of volume. Where there was none at all in the window, there is nothing to say: missing.
#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

// +volume on a rise of the close, −volume on a fall, 0 where equal.
double signed_volume(double close, double previous, double volume) {
  return when(close > previous, volume) - when(close < previous, volume);
}

class Obv {
 public:
  double operator()(const BarBlock& bars, std::size_t i) {
    const double close = bars.close[i], volume = bars.volume[i];
    value_ += is_missing(previous_) ? volume : signed_volume(close, previous_, volume);
    previous_ = close;
    return value_;
  }
  void save(ByteWriter& out) const {
    out.f64(previous_);
    out.f64(value_);
  }
  bool load(ByteReader& in) {
    previous_ = in.f64();
    value_ = in.f64();
    return true;
  }

 private:
  double previous_ = kMissing, value_ = 0;
};

class ObvSlope {
 public:
  explicit ObvSlope(std::size_t n) : change_(n), volume_(n) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    const double before = previous_;
    previous_ = bars.close[i];
    if (is_missing(before)) return kMissing;
    change_.push(signed_volume(bars.close[i], before, bars.volume[i]));
    volume_.push(bars.volume[i]);
    return change_.full() ? quotient(change_.sum(), volume_.sum()) : kMissing;
  }
  void save(ByteWriter& out) const {
    out.f64(previous_);
    change_.save(out);
    volume_.save(out);
  }
  bool load(ByteReader& in) {
    previous_ = in.f64();
    return change_.load(in) && volume_.load(in);
  }

 private:
  double previous_ = kMissing;
  SumWindow change_, volume_;
};

class MoneyFlow {
 public:
  explicit MoneyFlow(std::size_t n) : in_(n), out_(n) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    const double typical = (bars.high[i] + bars.low[i] + bars.close[i]) / 3;
    const double before = previous_;
    previous_ = typical;
    if (is_missing(before)) return kMissing;
    const double flow = typical * bars.volume[i];
    in_.push(when(typical > before, flow));
    out_.push(when(typical < before, flow));
    if (!in_.full()) return kMissing;
    const double in = in_.sum();
    return quotient(100 * in, in + out_.sum());
  }
  void save(ByteWriter& out) const {
    out.f64(previous_);
    in_.save(out);
    out_.save(out);
  }
  bool load(ByteReader& in) {
    previous_ = in.f64();
    return in_.load(in) && out_.load(in);
  }

 private:
  double previous_ = kMissing;
  SumWindow in_, out_;
};

class VolumeRatio {
 public:
  explicit VolumeRatio(std::size_t n) : window_(n) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    window_.push(bars.volume[i]);
    return window_.full() ? quotient(bars.volume[i], window_.mean()) : kMissing;
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  SumWindow window_;
};

std::size_t whole_length(Parameters p) {
  return length(p[0]);
}
std::size_t one_more_memory(Parameters p, double) {
  return length(p[0]) + 1;
}

}  // namespace

FeatureKind obv_kind() {
  return {.name = "obv",
          .needs_volume = true,
          .unit = "volume",
          .help =
              "On-balance volume: starts at the first volume; then + volume on a rise of the close, - on a "
              "fall. Its level depends on where the series starts; obv_slope does not.",
          .source = "Granville; TA-Lib",
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = [](Parameters) { return on_bars<Obv>(); },
          .memory_bars = [](Parameters, double) { return kForever; }};
}

FeatureKind obv_slope_kind() {
  return {.name = "obv_slope",
          .parameters = {length_parameter("n", 10)},
          .needs_volume = true,
          .unit = "ratio",
          .help = "Change of obv over n bars / volume of those bars, from -1 to 1; missing without volume.",
          .source = "",
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_bars<ObvSlope>(length(p[0])); },
          .memory_bars = one_more_memory};
}

FeatureKind mfi_kind() {
  return {.name = "mfi",
          .parameters = {length_parameter("n", 14)},
          .needs_volume = true,
          .unit = "percent",
          .help =
              "Money flow index: 100 in / (in + out), the sums of TP * volume over n bars on which TP = (H + "
              "L + C) / 3 rose or fell; missing where nothing flowed (TA-Lib says 0).",
          .source = "Quong, Soudack; TA-Lib",
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_bars<MoneyFlow>(length(p[0])); },
          .memory_bars = one_more_memory};
}

FeatureKind volume_ratio_kind() {
  return {.name = "volume_ratio",
          .parameters = {length_parameter("n", 20)},
          .needs_volume = true,
          .unit = "ratio",
          .help = "volume / sma(volume, n); missing without volume.",
          .source = "",
          .warm_up = [](Parameters p) { return length(p[0]) - 1; },
          .make = [](Parameters p) { return on_bars<VolumeRatio>(length(p[0])); },
          .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

}  // namespace pawl::features
