#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

// TA-Lib's order of operations, so that the bars on which it turns are the same. Each direction has a loop of
// its own, which is left on a reversal: the rare branch. Everything else is without branches.
class ParabolicSar final : public Feature {
 public:
  ParabolicSar(double step, double most) : step_(step < most ? step : most), most_(most) {}

  void update(const FeatureCall& call) override {
    const double* const high = call.bars.high.data();
    const double* const low = call.bars.low.data();
    double* const out = call.out().data();
    const std::size_t count = call.size();
    std::size_t i = 0;
    if (seen_ < 2) i = begin(high, low, count, out);
    State state = state_;  // a local copy stays in registers
    while (i < count) {
      i = state.rising ? run<true>(state, high, low, i, count, out)
                       : run<false>(state, high, low, i, count, out);
    }
    state_ = state;
  }
  void save(ByteWriter& out) const override {
    out.u8(static_cast<std::uint8_t>(seen_));
    out.u8(state_.rising ? 1 : 0);
    for (const double value : {state_.sar, state_.extreme, state_.factor, state_.high, state_.low}) {
      out.f64(value);
    }
  }
  bool load(ByteReader& in) override {
    seen_ = in.u8();
    state_.rising = in.u8() != 0;
    for (double* value : {&state_.sar, &state_.extreme, &state_.factor, &state_.high, &state_.low}) {
      *value = in.f64();
    }
    return seen_ <= 2;
  }
  void copy_from(const Feature& other) override { *this = static_cast<const ParabolicSar&>(other); }

 private:
  struct State {
    bool rising = true;
    double sar = 0, extreme = 0, factor = 0;  // of the next bar
    double high = 0, low = 0;                 // of the bar before
  };

  // The first two bars give the direction. Gives the index of the bar from which on the loops can run.
  std::size_t begin(const double* high, const double* low, std::size_t count, double* out) {
    std::size_t i = 0;
    if (seen_ == 0) {
      state_.high = high[0];
      state_.low = low[0];
      out[0] = kMissing;
      seen_ = 1;
      i = 1;
    }
    if (i == count) return count;
    seen_ = 2;
    const double up = high[i] - state_.high, down = state_.low - low[i];
    state_.rising = !(down > 0 && up < down);
    state_.factor = step_;
    state_.extreme = state_.rising ? high[i] : low[i];
    state_.sar = state_.rising ? state_.low : state_.high;
    state_.high = high[i];
    state_.low = low[i];
    return i;
  }

  static double least(double a, double b) { return a < b ? a : b; }

  // From bar `i` on to the one with which the direction changes, that one included, or to the end.
  template <bool rising>
  std::size_t run(State& state, const double* high, const double* low, std::size_t i, std::size_t count,
                  double* out) const {
    const double step = step_, most = most_;
    double sar = state.sar, extreme = state.extreme, factor = state.factor;
    double high_before = state.high, low_before = state.low;
    for (; i < count; ++i) {
      const double h = high[i], l = low[i];
      const double top = larger(high_before, h), bottom = least(low_before, l);
      high_before = h;
      low_before = l;
      if (rising ? l <= sar : h >= sar) {
        sar = rising ? larger(extreme, top) : least(extreme, bottom);
        out[i++] = sar;
        factor = step;
        extreme = rising ? l : h;
        sar = sar + factor * (extreme - sar);
        sar = rising ? larger(sar, top) : least(sar, bottom);
        state.rising = !rising;
        break;
      }
      out[i] = sar;
      const bool further = rising ? h > extreme : l < extreme;
      factor = least(factor + when(further, step), most);
      extreme = rising ? larger(extreme, h) : least(extreme, l);
      sar = sar + factor * (extreme - sar);
      sar = rising ? least(sar, bottom) : larger(sar, top);
    }
    state.sar = sar;
    state.extreme = extreme;
    state.factor = factor;
    state.high = high_before;
    state.low = low_before;
    return i;
  }

  double step_, most_;
  std::size_t seen_ = 0;  // bars, at most 2
  State state_;
};

FeatureKind sar_kind() {
  return {
      .name = "sar",
      .parameters = {{.name = "step", .default_value = 0.02, .min = 1e-6, .max = 10, .fractional = true},
                     {.name = "max", .default_value = 0.2, .min = 1e-6, .max = 10, .fractional = true}},
      .unit = Unit::price,
      .help =
          "Parabolic stop and reverse: SAR += f (extreme - SAR), f growing by step up to max with each new "
          "extreme, never within the last two bars; turns when a bar reaches it. Its level depends on "
          "where the series starts until both turn on one bar.",
      .source = "Wilder 1978; TA-Lib",
      .gapless = true,
      .warm_up = [](Parameters) { return std::size_t{1}; },
      .make = [](Parameters p) -> std::unique_ptr<Feature> {
        return std::make_unique<ParabolicSar>(p[0], p[1]);
      },
      .memory_bars = [](Parameters, double) { return kForever; }};
}

}  // namespace

struct SarKinds {
  static FeatureKinds all() { return {sar_kind()}; }
};
template FeatureKinds kinds_of<SarKinds>();

}  // namespace pawl::features
