// What one bar is beside the one before it: what many indicators begin with.
#include <array>

#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

// A loop over bars that needs the bar before. Missing at the first one, unless Loop says otherwise.
template <class Loop>
class BesideTheBarBefore final : public Feature {
 public:
  void update(const FeatureCall& call) override {
    const BarBlock& bars = call.bars;
    double* out = call.out().data();
    const std::size_t count = call.size(), last = count - 1;
    const std::array<double, 2> high = {high_, bars.high[0]}, low = {low_, bars.low[0]},
                                close = {close_, bars.close[0]};
    if (is_missing(close_)) {
      out[0] = Loop::first(bars);
    } else {
      Loop::run(call.kernels, &high[1], &low[1], &close[1], bars.volume.data(), 1, out);
    }
    high_ = bars.high[last];
    low_ = bars.low[last];
    close_ = bars.close[last];
    if (count == 1) return;
    Loop::run(call.kernels, bars.high.data() + 1, bars.low.data() + 1, bars.close.data() + 1,
              bars.volume.data() + 1, last, out + 1);
  }
  void save(ByteWriter& out) const override {
    for (const double value : {high_, low_, close_}) out.f64(value);
  }
  bool load(ByteReader& in) override {
    for (double* value : {&high_, &low_, &close_}) *value = in.f64();
    return true;
  }
  void copy_from(const Feature& other) override { *this = static_cast<const BesideTheBarBefore&>(other); }

 private:
  double high_ = kMissing, low_ = kMissing, close_ = kMissing;
};

struct MissingFirst {
  static double first(const BarBlock&) { return kMissing; }
};

struct TrueRange : MissingFirst {
  static void run(const simd::Kernels& kernels, const double* high, const double* low, const double* close,
                  const double*, std::size_t count, double* out) {
    kernels.true_range(high, low, close, count, out);
  }
};
struct PlusMovement : MissingFirst {
  static void run(const simd::Kernels& kernels, const double* high, const double* low, const double*,
                  const double*, std::size_t count, double* out) {
    kernels.plus_movement(high, low, count, out);
  }
};
struct MinusMovement : MissingFirst {
  static void run(const simd::Kernels& kernels, const double* high, const double* low, const double*,
                  const double*, std::size_t count, double* out) {
    kernels.minus_movement(high, low, count, out);
  }
};

struct SignedVolume : MissingFirst {
  static void run(const simd::Kernels& kernels, const double*, const double*, const double* close,
                  const double* volume, std::size_t count, double* out) {
    kernels.signed_volume(close, volume, count, out);
  }
};

template <class Loop>
FeatureKind make_kind(std::string name, std::string help, std::string source) {
  return {.name = std::move(name),
          .unit = Unit::price,
          .help = std::move(help),
          .source = std::move(source),
          .gapless = true,
          .warm_up = [](Parameters) { return std::size_t{1}; },
          .make = [](Parameters) -> std::unique_ptr<Feature> {
            return std::make_unique<BesideTheBarBefore<Loop>>();
          },
          .memory_bars = [](Parameters, double) { return std::size_t{1}; }};
}

FeatureKind tr_kind() {
  return make_kind<TrueRange>("tr", "True range: max(H - L, |H - C[-1]|, |L - C[-1]|).",
                              "Wilder 1978; TA-Lib");
}

FeatureKind plus_dm_kind() {
  return make_kind<PlusMovement>(
      "plus_dm", "Plus directional movement: H - H[-1] where that is above 0 and above L[-1] - L, else 0.",
      "Wilder 1978; TA-Lib");
}

FeatureKind minus_dm_kind() {
  return make_kind<MinusMovement>(
      "minus_dm", "Minus directional movement: L[-1] - L where that is above 0 and above H - H[-1], else 0.",
      "Wilder 1978; TA-Lib");
}

FeatureKind signed_volume_kind() {
  FeatureKind kind = make_kind<SignedVolume>(
      "signed_volume", "Volume with the sign of the close's change; 0 where it did not change.",
      "Granville 1963");
  kind.unit = Unit::volume;
  kind.needs_volume = true;
  return kind;
}

FeatureKind atr_kind() {
  return {.name = "atr",
          .version = 2,
          .parameters = {length_parameter("n", 14)},
          .unit = Unit::price,
          .help = "Average true range: max(H - L, |H - C[-1]|, |L - C[-1]|) smoothed as Wilder does.",
          .source = "Wilder 1978; TA-Lib",
          .definition = [](Parameters p) { return fmt::format("wilder(tr,{})", p[0]); }};
}

}  // namespace

struct MovementKinds {
  static FeatureKinds all() {
    return {tr_kind(), plus_dm_kind(), minus_dm_kind(), signed_volume_kind(), atr_kind()};
  }
};
template FeatureKinds kinds_of<MovementKinds>();

}  // namespace pawl::features
