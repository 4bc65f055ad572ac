// Ichimoku Kinko Hyo. On a chart the two spans are drawn `shift` bars ahead: the value that stands at a bar
// was computed that many bars before it, and that is what these give. The chikou is drawn `shift` bars back,
// over bars that did not know it: what it says at a bar is how the close compares with the one `shift` bars
// ago.
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

std::string middle(double n) {
  return fmt::format("donchian_mid({})", n);
}
std::string span_a(double tenkan, double kijun, double shift) {
  return fmt::format("lag(({}+{})/2,{})", middle(tenkan), middle(kijun), shift);
}
std::string span_b(double senkou, double shift) {
  return fmt::format("lag({},{})", middle(senkou), shift);
}

FeatureKind make_kind(std::string name, std::vector<Parameter> parameters, Unit unit, std::string help,
                      std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .parameters = std::move(parameters),
          .unit = unit,
          .help = std::move(help),
          .source = "Hosoda 1969",
          .definition = definition};
}

FeatureKind tenkan_kind() {
  return make_kind("ichimoku_tenkan", {length_parameter("n", 9)}, Unit::price,
                   "Conversion line: (HH + LL) / 2 over n bars.", [](Parameters p) { return middle(p[0]); });
}

FeatureKind kijun_kind() {
  return make_kind("ichimoku_kijun", {length_parameter("n", 26)}, Unit::price,
                   "Base line: (HH + LL) / 2 over n bars.", [](Parameters p) { return middle(p[0]); });
}

FeatureKind span_a_kind() {
  return make_kind(
      "ichimoku_span_a",
      {length_parameter("tenkan", 9), length_parameter("kijun", 26), length_parameter("shift", 26)},
      Unit::price, "Leading span A that stands at this bar: (tenkan + kijun) / 2 of `shift` bars ago.",
      [](Parameters p) { return span_a(p[0], p[1], p[2]); });
}

FeatureKind span_b_kind() {
  return make_kind(
      "ichimoku_span_b", {length_parameter("senkou", 52), length_parameter("shift", 26)}, Unit::price,
      "Leading span B that stands at this bar: (HH + LL) / 2 over `senkou` bars, `shift` bars ago.",
      [](Parameters p) { return span_b(p[0], p[1]); });
}

FeatureKind chikou_kind() {
  return make_kind("ichimoku_chikou", {length_parameter("shift", 26)}, Unit::price,
                   "Lagging span as it can be known: C - C[-shift], with no look ahead.",
                   [](Parameters p) { return fmt::format("close-lag(close,{})", p[0]); });
}

FeatureKind cloud_kind() {
  return make_kind(
      "ichimoku_cloud",
      {length_parameter("tenkan", 9), length_parameter("kijun", 26), length_parameter("senkou", 52),
       length_parameter("shift", 26)},
      Unit::ratio,
      "Place of the close beside the cloud: (sign(C - span A) + sign(C - span B)) / 2, 1 above both "
      "spans, -1 below both, 0 between them.",
      [](Parameters p) {
        return fmt::format("(sign(close-{})+sign(close-{}))/2", span_a(p[0], p[1], p[3]), span_b(p[2], p[3]));
      });
}

}  // namespace

struct IchimokuKinds {
  static FeatureKinds all() {
    return {tenkan_kind(), kijun_kind(), span_a_kind(), span_b_kind(), chikou_kind(), cloud_kind()};
  }
};
template FeatureKinds kinds_of<IchimokuKinds>();

}  // namespace pawl::features
