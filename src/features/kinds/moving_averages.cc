#include "features/kinds/block.h"
#include "features/kinds/kinds.h"
#include "features/kinds/run_window.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

// Weights 1 … n, the newest n. Like Window, with the sums of sums that the weights need: over the end of the
// older run Σ (j − at + 1) v_j is the sum of its sums from the end; over the newer run it is (n − at + 1) Σ v
// + Σ j v_j, at being how many values the newer run has.
class Wma {
 public:
  explicit Wma(std::size_t n) : values_(n), ends_(n + 1), at_(n), n_(static_cast<double>(n)) {}

  double operator()(double value) {
    if (at_ == values_.size()) {
      origin_ = value;
      at_ = 0;
      sum_ = indexed_ = 0;
      if (full_) fold_ends(1);
    }
    add(value);
    if (at_ == values_.size()) full_ = true;
    if (!full_) return kMissing;
    const double newer = (n_ - static_cast<double>(at_) + 1) * sum_ + indexed_;
    return origin_ + (ends_[at_] + newer) / (n_ * (n_ + 1) / 2);
  }

  void save(ByteWriter& out) const {
    out.u8(full_ ? 1 : 0);
    out.u64(at_);
    out.doubles(values_);
  }
  bool load(ByteReader& in) {
    full_ = in.u8() != 0;
    const std::uint64_t at = in.u64();
    in.doubles_into(values_);
    if (!in.ok() || at == 0 || at > values_.size()) return false;
    origin_ = values_[0];
    sum_ = indexed_ = 0;
    at_ = 0;
    while (at_ < at) add(values_[at_]);
    std::fill(ends_.begin(), ends_.end(), 0.0);
    if (full_) fold_ends(at_);
    return true;
  }

 private:
  void add(double value) {
    values_[at_] = value;
    const double difference = value - origin_;
    sum_ += difference;
    indexed_ += static_cast<double>(at_) * difference;
    ++at_;
  }
  void fold_ends(std::size_t first) {
    double sum = 0, sum_of_sums = 0;
    for (std::size_t i = values_.size(); i-- > first;) {
      sum += values_[i] - origin_;
      sum_of_sums += sum;
      ends_[i] = sum_of_sums;
    }
  }

  std::vector<double> values_, ends_;
  std::size_t at_;
  double n_;
  double origin_ = 0, sum_ = 0, indexed_ = 0;
  bool full_ = false;
};

std::size_t one_less(Parameters p) {
  return length(p[0]) - 1;
}
std::size_t window_memory(Parameters p, double) {
  return length(p[0]);
}

FeatureKind sma_kind() {
  return {.name = "sma",
          .version = 2,
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::input,
          .help = "Simple moving average: the mean of the last n values.",
          .source = "TA-Lib",
          .gapless = true,
          .warm_up = one_less,
          .make =
              [](Parameters p) {
                return on_window<&simd::Kernels::short_mean, simd::kShortMean, &simd::Kernels::window_mean>(
                    length(p[0]));
              },
          .memory_bars = window_memory};
}

FeatureKind ema_kind() {
  return {.name = "ema",
          .version = 2,
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::input,
          .help = "Exponential moving average: P += 2/(n+1) * (x - P), from the mean of the first n values.",
          .source = "TA-Lib",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_blocks<Smoothed>(Smoothed::ema(length(p[0]))); },
          .memory_bars = [](Parameters p, double eps) { return ema_memory(length(p[0]), eps); }};
}

FeatureKind wma_kind() {
  return {.name = "wma",
          .inputs = 1,
          .default_input_close = true,
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::input,
          .help = "Weighted moving average over the last n values, weights 1 to n, the newest n.",
          .source = "TA-Lib",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_values<Wma>(length(p[0])); },
          .memory_bars = window_memory};
}

}  // namespace

struct MovingAveragesKinds {
  static FeatureKinds all() { return {sma_kind(), ema_kind(), wma_kind()}; }
};
template FeatureKinds kinds_of<MovingAveragesKinds>();

}  // namespace pawl::features
