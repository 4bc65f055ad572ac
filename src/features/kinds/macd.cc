#include "features/kinds/kinds.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

enum class MacdLine { macd, signal, histogram };

// TA-Lib starts both averages at the same bar: the fast one is seeded by the `fast` values before the slow
// one's first, and all three lines begin with the first signal.
template <MacdLine line>
class Macd {
 public:
  explicit Macd(Parameters p)
      : skipped_(length(p[1]) - length(p[0])),
        fast_(Smoothed::ema(length(p[0]))),
        slow_(Smoothed::ema(length(p[1]))),
        signal_(Smoothed::ema(length(p[2]))) {}

  double operator()(double value) {
    const double slow = slow_(value);
    if (seen_ < skipped_) {
      ++seen_;
      return kMissing;
    }
    const double macd = fast_(value) - slow;
    if (is_missing(macd)) return kMissing;
    const double signal = signal_(macd);
    if (is_missing(signal)) return kMissing;
    if constexpr (line == MacdLine::macd) return macd;
    if constexpr (line == MacdLine::signal) return signal;
    return macd - signal;
  }
  void save(ByteWriter& out) const {
    out.u64(seen_);
    fast_.save(out);
    slow_.save(out);
    signal_.save(out);
  }
  bool load(ByteReader& in) {
    seen_ = in.u64();
    return seen_ <= skipped_ && fast_.load(in) && slow_.load(in) && signal_.load(in);
  }

 private:
  std::size_t skipped_, seen_ = 0;
  Smoothed fast_, slow_, signal_;
};

template <MacdLine line>
FeatureKind make_kind(std::string name, std::string help) {
  return {
      .name = std::move(name),
      .inputs = 1,
      .default_input_close = true,
      .parameters = {length_parameter("fast", 12), length_parameter("slow", 26),
                     length_parameter("signal", 9)},
      .unit = "price",
      .help = std::move(help),
      .source = "Appel; TA-Lib",
      .warm_up = [](Parameters p) { return length(p[1]) + length(p[2]) - 2; },
      .make = [](Parameters p) { return on_values<Macd<line>>(p); },
      .memory_bars =
          [](Parameters p, double eps) {
            // A trace of the start passes through two averages: half of eps for each.
            return ema_memory(length(p[1]), eps / 2) + ema_memory(length(p[2]), eps / 2);
          },
      .check = [](Parameters p) -> std::string { return p[0] < p[1] ? "" : "fast must be less than slow"; }};
}

}  // namespace

FeatureKind macd_kind() {
  return make_kind<MacdLine::macd>("macd",
                                   "ema(fast) - ema(slow), both started at the slow one's first bar.");
}

FeatureKind macd_signal_kind() {
  return make_kind<MacdLine::signal>("macd_signal", "The ema(signal) of macd(fast, slow).");
}

FeatureKind macd_hist_kind() {
  return make_kind<MacdLine::histogram>("macd_hist", "macd - macd_signal.");
}

}  // namespace pawl::features
