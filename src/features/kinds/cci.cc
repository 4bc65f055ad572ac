#include <array>

#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

constexpr double kLongestScan = 500;

class Cci {
 public:
  explicit Cci(std::size_t n) : window_(n), n_(static_cast<double>(n)) {}

  double operator()(const BarBlock& bars, std::size_t i) {
    const double typical = (bars.high[i] + bars.low[i] + bars.close[i]) / 3;
    window_.push(typical);
    if (!window_.full()) return kMissing;
    const double mean = window_.mean();
    const double divisor = 0.015 * (deviation_from(mean) / n_);
    return divisor == 0 ? 0.0 : (typical - mean) / divisor;
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  // The mean moves with every bar, so every distance to it does: no way around looking at them all. Four sums
  // side by side, because one alone would wait for each addition.
  double deviation_from(double mean) const {
    const std::span<const double> values = window_.values();
    std::array<double, 4> sums = {};
    std::size_t i = 0;
    for (; i + 4 <= values.size(); i += 4) {
      for (std::size_t j = 0; j < 4; ++j) sums[j] += std::fabs(values[i + j] - mean);
    }
    for (; i < values.size(); ++i) sums[0] += std::fabs(values[i] - mean);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }

  SumWindow window_;
  double n_;
};

}  // namespace

FeatureKind cci_kind() {
  return {.name = "cci",
          .parameters = {length_parameter("n", 14, 2, kLongestScan)},
          .unit = "ratio",
          .help =
              "Commodity channel index of TP = (H + L + C) / 3: (TP - sma) / (0.015 mean |TP - sma|); 0 "
              "where flat.",
          .source = "Lambert 1980; TA-Lib",
          .warm_up = [](Parameters p) { return length(p[0]) - 1; },
          .make = [](Parameters p) { return on_bars<Cci>(length(p[0])); },
          .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

}  // namespace pawl::features
