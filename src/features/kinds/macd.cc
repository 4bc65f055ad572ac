#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

// TA-Lib starts both averages at the same bar: the fast one is seeded by the `fast` values before the slow
// one's first.
std::string difference(Parameters p) {
  return fmt::format("ema(skip(x,{}),{})-ema(x,{})", p[1] - p[0], p[0], p[1]);
}
// All three lines begin with the first signal.
std::string macd(Parameters p) {
  return fmt::format("skip({},{})", difference(p), p[2] - 1);
}
std::string signal(Parameters p) {
  return fmt::format("ema({},{})", difference(p), p[2]);
}
std::string histogram(Parameters p) {
  return fmt::format("{}-{}", macd(p), signal(p));
}

FeatureKind make_kind(std::string name, std::string help, std::string (*definition)(Parameters)) {
  return {
      .name = std::move(name),
      .version = 2,
      .inputs = 1,
      .default_input_close = true,
      .parameters = {length_parameter("fast", 12), length_parameter("slow", 26),
                     length_parameter("signal", 9)},
      .unit = Unit::price,
      .help = std::move(help),
      .source = "Appel; TA-Lib",
      .definition = definition,
      .check = [](Parameters p) -> std::string { return p[0] < p[1] ? "" : "fast must be less than slow"; }};
}

FeatureKind macd_kind() {
  return make_kind("macd", "MACD line: ema(fast) - ema(slow).", macd);
}

FeatureKind macd_signal_kind() {
  return make_kind("macd_signal", "MACD signal: ema(signal) of the MACD line.", signal);
}

FeatureKind macd_hist_kind() {
  return make_kind("macd_hist", "MACD histogram: the line less its signal.", histogram);
}

}  // namespace

struct MacdKinds {
  static FeatureKinds all() { return {macd_kind(), macd_signal_kind(), macd_hist_kind()}; }
};
template FeatureKinds kinds_of<MacdKinds>();

}  // namespace pawl::features
