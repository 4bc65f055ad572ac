// What two series have to do with each other. A pair of which one value is missing is stepped over as a pair.
#include "features/kinds/kinds.h"
#include "features/kinds/pair_window.h"

namespace pawl::features {

namespace {

class Pairs final : public Feature {
 public:
  static constexpr std::size_t kOutputs = 4;  // in the order of the kinds below

  explicit Pairs(std::size_t n) : window_(n) {}

  void update(const FeatureCall& call) override {
    const std::span<const double> x = call.inputs[0], y = call.inputs[1];
    for (std::size_t i = 0; i < call.size(); ++i) {
      const std::array<double, kOutputs> values = pair(x[i], y[i]);
      for (std::size_t j = 0; j < kOutputs; ++j) {
        if (!call.outputs[j].empty()) call.outputs[j][i] = values[j];
      }
    }
  }
  void save(ByteWriter& out) const override { window_.save(out); }
  bool load(ByteReader& in) override { return window_.load(in); }
  void copy_from(const Feature& other) override { *this = static_cast<const Pairs&>(other); }

 private:
  static constexpr std::array<double, kOutputs> kNothing = {kMissing, kMissing, kMissing, kMissing};

  std::array<double, kOutputs> pair(double x, double y) {
    if (is_missing(x) || is_missing(y)) return kNothing;
    window_.push(x, y);
    if (!window_.full()) return kNothing;
    const PairWindow::Moments m = window_.moments();
    const double correlation = quotient(m.covariance, std::sqrt(m.variance_x) * std::sqrt(m.variance_y));
    const double beta = quotient(m.covariance, m.variance_y);
    return {larger(-1, -larger(-1, -correlation)), finite_or_missing(m.covariance), beta,
            finite_or_missing((x - m.mean_x) - beta * (y - m.mean_y))};
  }

  PairWindow window_;
};

FeatureKind make_kind(std::string name, std::size_t output, Unit unit, std::string help, std::string source) {
  return {
      .name = std::move(name),
      .inputs = 2,
      .parameters = {length_parameter("n", 60, 2)},
      .unit = unit,
      .help = std::move(help),
      .source = std::move(source),
      .family = "pairs",
      .output = output,
      .outputs = Pairs::kOutputs,
      .warm_up = [](Parameters p) { return length(p[0]) - 1; },
      .make = [](Parameters p) -> std::unique_ptr<Feature> { return std::make_unique<Pairs>(length(p[0])); },
      .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

FeatureKind corr_kind() {
  return make_kind("corr", 0, Unit::ratio,
                   "Pearson's correlation of x and y over the last n pairs; missing where one is flat.",
                   "Pearson 1895");
}

FeatureKind cov_kind() {
  return make_kind("cov", 1, Unit::input, "Population covariance of x and y over the last n pairs.",
                   "common practice");
}

FeatureKind beta_kind() {
  return make_kind(
      "beta", 2, Unit::ratio,
      "Slope of the least-squares line of x on y over the last n pairs: cov(x, y) / var(y); missing "
      "where y is flat.",
      "common practice");
}

FeatureKind residual_kind() {
  return make_kind(
      "residual", 3, Unit::input,
      "How far x is above its least-squares line on y over the last n pairs: (x - mean x) - beta (y - "
      "mean y).",
      "Engle, Granger 1987");
}

FeatureKind spread_kind() {
  return {.name = "spread",
          .inputs = 2,
          .parameters = {length_parameter("n", 60, 2)},
          .unit = Unit::ratio,
          .help = "Spread of a pair: zscore(log(x / y), n); missing where that is flat or not above zero.",
          .source = "Gatev, Goetzmann, Rouwenhorst 2006",
          .definition = [](Parameters p) { return fmt::format("zscore(log(x/y),{})", p[0]); }};
}

}  // namespace

struct PairsKinds {
  static FeatureKinds all() { return {corr_kind(), cov_kind(), beta_kind(), residual_kind(), spread_kind()}; }
};
template FeatureKinds kinds_of<PairsKinds>();

}  // namespace pawl::features
