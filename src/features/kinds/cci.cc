#include <algorithm>
#include <array>

#include "features/kinds/kinds.h"
#include "features/kinds/window.h"

namespace pawl::features {

namespace {

constexpr double kLongestScan = 500;

// The mean moves with every bar, so every distance to it does: no way around looking at them all. They lie in
// a row, oldest first, so that four sums side by side can be taken two at a time; one sum alone would wait
// for each addition, and a ring would be read while its newest value is still being written.
class Cci final : public Feature {
 public:
  explicit Cci(std::size_t n) : n_(n), mean_(n), typical_(n - 1 + kRoom) {}

  void update(const FeatureCall& call) override {
    const BarBlock& bars = call.bars;
    const std::span<double> out = call.out();
    for (std::size_t first = 0; first < out.size(); first += kRoom / 2) {
      const std::size_t count = std::min(kRoom / 2, out.size() - first);
      update_part(bars, first, count, out);
    }
  }
  void save(ByteWriter& out) const override {
    mean_.save(out);
    out.doubles(std::span(typical_).subspan(end_ - kept(), kept()));
  }
  bool load(ByteReader& in) override {
    if (!mean_.load(in)) return false;
    const std::vector<double> values = in.doubles();
    if (values.size() >= n_) return false;
    std::copy(values.begin(), values.end(), typical_.begin());
    end_ = values.size();
    return true;
  }
  void copy_from(const Feature& other) override { *this = static_cast<const Cci&>(other); }

 private:
  static constexpr std::size_t kRoom = 512;

  // How many of the newest values the next window reaches back to.
  std::size_t kept() const { return std::min(end_, n_ - 1); }

  void update_part(const BarBlock& bars, std::size_t first, std::size_t count, std::span<double> out) {
    if (end_ + count > typical_.size()) {
      const std::size_t keep = kept();
      std::copy(typical_.begin() + static_cast<std::ptrdiff_t>(end_ - keep),
                typical_.begin() + static_cast<std::ptrdiff_t>(end_), typical_.begin());
      end_ = keep;
    }
    for (std::size_t i = first; i < first + count; ++i) {
      const double typical = (bars.high[i] + bars.low[i] + bars.close[i]) / 3;
      mean_.push(typical);
      typical_[end_ + i - first] = typical;
      out[i] = mean_.full() ? mean_.mean() : kMissing;
    }
    for (std::size_t i = first; i < first + count; ++i) {
      ++end_;
      if (!is_missing(out[i])) out[i] = index(out[i]);
    }
  }

  double index(double mean) const {
    const double* values = typical_.data() + (end_ - n_);
    std::array<double, 4> sums = {};
    std::size_t i = 0;
    for (; i + 4 <= n_; i += 4) {
      for (std::size_t j = 0; j < 4; ++j) sums[j] += std::fabs(values[i + j] - mean);
    }
    for (; i < n_; ++i) sums[0] += std::fabs(values[i] - mean);
    const double deviation = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    const double divisor = 0.015 * (deviation / static_cast<double>(n_));
    return divisor == 0 ? 0.0 : (values[n_ - 1] - mean) / divisor;
  }

  std::size_t n_;
  SumWindow mean_;
  std::vector<double> typical_;  // [0, end_): the newest values in order, at least n − 1 once there are
  std::size_t end_ = 0;
};

}  // namespace

FeatureKind cci_kind() {
  return {.name = "cci",
          .parameters = {length_parameter("n", 14, 2, kLongestScan)},
          .unit = Unit::ratio,
          .help =
              "Commodity channel index of TP = (H + L + C) / 3: (TP - sma) / (0.015 mean |TP - sma|); 0 "
              "where flat.",
          .source = "Lambert 1980; TA-Lib",
          .warm_up = [](Parameters p) { return length(p[0]) - 1; },
          .make = [](Parameters p) { return std::make_unique<Cci>(length(p[0])); },
          .memory_bars = [](Parameters p, double) { return length(p[0]); }};
}

}  // namespace pawl::features
