// Features of volume. Where there was none at all in the window, there is nothing to say: missing.
#include <array>

#include "features/kinds/block.h"
#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

class Obv final : public Feature {
 public:
  void update(const FeatureCall& call) override {
    in_parts(call.size(), [&](std::size_t first, std::size_t count) {
      part(call.kernels, call.bars.close.data() + first, call.bars.volume.data() + first, count,
           call.out().data() + first);
    });
  }
  void save(ByteWriter& out) const override {
    out.f64(previous_);
    out.f64(total_.level);
    out.u8(static_cast<std::uint8_t>(total_.at));
    out.doubles(total_.group);
  }
  bool load(ByteReader& in) override {
    previous_ = in.f64();
    total_.level = in.f64();
    total_.at = in.u8();
    in.doubles_into(total_.group);
    return total_.at < simd::kGroup;
  }
  void copy_from(const Feature& other) override { *this = static_cast<const Obv&>(other); }

 private:
  void part(const simd::Kernels& kernels, const double* close, const double* volume, std::size_t count,
            double* out) {
    Part changes;
    const std::array<double, 2> first = {previous_, close[0]};
    previous_ = close[count - 1];
    if (is_missing(first[0])) {
      changes[0] = volume[0];  // the first volume, as it is
    } else {
      kernels.signed_volume(&first[1], volume, 1, changes.data());
    }
    if (count > 1) kernels.signed_volume(close + 1, volume + 1, count - 1, changes.data() + 1);
    kernels.total(total_, changes.data(), count, out);
  }

  double previous_ = kMissing;
  simd::Total total_;
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

std::size_t whole_length(Parameters p) {
  return length(p[0]);
}
std::size_t one_more_memory(Parameters p, double) {
  return length(p[0]) + 1;
}

FeatureKind obv_kind() {
  return {.name = "obv",
          .version = 2,
          .needs_volume = true,
          .unit = Unit::volume,
          .help =
              "On-balance volume: starts at the first volume; then + volume on a rise of the close, - on a "
              "fall. Its level depends on where the series starts; obv_slope does not.",
          .source = "Granville 1963; TA-Lib",
          .gapless = true,
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = [](Parameters) -> std::unique_ptr<Feature> { return std::make_unique<Obv>(); },
          .memory_bars = [](Parameters, double) { return kForever; }};
}

FeatureKind obv_slope_kind() {
  return {.name = "obv_slope",
          .version = 2,
          .parameters = {length_parameter("n", 10)},
          .needs_volume = true,
          .unit = Unit::ratio,
          .help = "Change of obv over n bars / volume of those bars, from -1 to 1; missing without volume.",
          .source = "Granville 1963",
          .definition = [](Parameters p) {
            return fmt::format("sum(signed_volume,{})/sum(volume,{})", p[0], p[0]);
          }};
}

FeatureKind mfi_kind() {
  return {.name = "mfi",
          .parameters = {length_parameter("n", 14)},
          .needs_volume = true,
          .unit = Unit::percent,
          .help =
              "Money flow index: 100 in / (in + out), the sums of TP * volume over n bars on which TP = (H + "
              "L + C) / 3 rose or fell; missing where nothing flowed (TA-Lib says 0).",
          .source = "Quong, Soudack 1989; TA-Lib",
          .warm_up = whole_length,
          .make = [](Parameters p) { return on_bars<MoneyFlow>(length(p[0])); },
          .memory_bars = one_more_memory};
}

FeatureKind volume_ratio_kind() {
  return {.name = "volume_ratio",
          .version = 2,
          .parameters = {length_parameter("n", 20)},
          .needs_volume = true,
          .unit = Unit::ratio,
          .help = "volume / sma(volume, n); missing without volume.",
          .source = "common practice",
          .definition = [](Parameters p) { return fmt::format("volume/sma(volume,{})", p[0]); }};
}

}  // namespace

struct VolumeKinds {
  static FeatureKinds all() { return {obv_kind(), obv_slope_kind(), mfi_kind(), volume_ratio_kind()}; }
};
template FeatureKinds kinds_of<VolumeKinds>();

}  // namespace pawl::features
