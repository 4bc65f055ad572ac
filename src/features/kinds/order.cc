// Where values stand among the last n of them.
#include <algorithm>

#include "features/kinds/kinds.h"
#include "features/kinds/ordered_window.h"

namespace pawl::features {

namespace {

class Quantile {
 public:
  Quantile(std::size_t n, double q) : window_(n) {
    const double place = static_cast<double>(n - 1) * q;
    below_ = std::min(static_cast<std::size_t>(place), n - 1);
    part_ = place - static_cast<double>(below_);
  }
  double operator()(double value) {
    window_.push(value);
    if (!window_.full()) return kMissing;
    const double low = window_.smallest(below_);
    if (part_ == 0) return low;
    const double high = window_.smallest(below_ + 1), step = high - low;
    // From the nearer end, as numpy does: a quantile then never falls as q grows.
    return part_ < 0.5 ? low + step * part_ : high - step * (1 - part_);
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  OrderedWindow window_;
  std::size_t below_;  // the value just below the quantile is the below_-th smallest
  double part_;        // of the way to the one above
};

class Rank {
 public:
  explicit Rank(std::size_t n) : window_(n) {}
  double operator()(double value) {
    window_.push(value);
    if (!window_.full()) return kMissing;
    const std::size_t below = window_.count_below(value), up_to = window_.count_below(value, true);
    return static_cast<double>(below + up_to + 1) / static_cast<double>(2 * window_.size());
  }
  void save(ByteWriter& out) const { window_.save(out); }
  bool load(ByteReader& in) { return window_.load(in); }

 private:
  OrderedWindow window_;
};

std::size_t one_less(Parameters p) {
  return length(p[0]) - 1;
}
std::size_t window_memory(Parameters p, double) {
  return length(p[0]);
}

FeatureKind quantile_kind() {
  return {.name = "quantile",
          .inputs = 1,
          .parameters = {length_parameter("n", 100),
                         {.name = "q", .default_value = 0.9, .min = 0, .max = 1, .fractional = true}},
          .unit = Unit::input,
          .help =
              "The q-quantile of the last n values: between those at the places around (n - 1) q in order of "
              "size, in proportion.",
          .source = "Hyndman, Fan 1996, type 7; numpy (linear)",
          .cost = "O(log n)",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_values<Quantile>(length(p[0]), p[1]); },
          .memory_bars = window_memory};
}

FeatureKind median_kind() {
  return {.name = "median",
          .inputs = 1,
          .parameters = {length_parameter("n", 20)},
          .unit = Unit::input,
          .help = "Median of the last n values: quantile(x, n, 0.5).",
          .source = "numpy",
          .cost = "O(log n)",
          .definition = [](Parameters p) { return fmt::format("quantile(x,{},0.5)", p[0]); }};
}

FeatureKind rank_kind() {
  return {.name = "rank",
          .inputs = 1,
          .parameters = {length_parameter("n", 100)},
          .unit = Unit::ratio,
          .help =
              "Rank of x among the last n values, itself included, divided by n: above 0, 1 where it is the "
              "highest; equal values share the mean of their ranks.",
          .source = "pandas (rolling rank, pct)",
          .cost = "O(log n)",
          .gapless = true,
          .warm_up = one_less,
          .make = [](Parameters p) { return on_values<Rank>(length(p[0])); },
          .memory_bars = window_memory};
}

}  // namespace

struct OrderKinds {
  static FeatureKinds all() { return {quantile_kind(), median_kind(), rank_kind()}; }
};
template FeatureKinds kinds_of<OrderKinds>();

}  // namespace pawl::features
