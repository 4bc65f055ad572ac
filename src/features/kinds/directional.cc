#include "features/kinds/kinds.h"
#include "features/kinds/smoothing.h"

namespace pawl::features {

namespace {

// Wilder's three sums: true range and the two directional movements. Bars 1 … n−1 are added up; from bar n on
// S = S − S/n + x.
class DirectionalSums {
 public:
  explicit DirectionalSums(std::size_t n) : n_(n), weight_(1.0 / static_cast<double>(n)) {}

  // True once there are values.
  bool operator()(const BarBlock& bars, std::size_t i) {
    const double high = bars.high[i], low = bars.low[i];
    const double up = high - high_, down = low_ - low;
    const double range = larger(high - low, larger(std::fabs(high - close_), std::fabs(low - close_)));
    high_ = high;
    low_ = low;
    close_ = bars.close[i];
    if (seen_ == 0) {
      seen_ = 1;
      return false;
    }
    const double plus = when((up > 0) & (up > down), up);
    const double minus = when((down > 0) & (up < down), down);
    if (seen_ < n_) {
      ++seen_;
      plus_ += plus;
      minus_ += minus;
      range_ += range;
      return false;
    }
    plus_ += plus - plus_ * weight_;
    minus_ += minus - minus_ * weight_;
    range_ += range - range_ * weight_;
    return true;
  }
  double plus_di() const { return nearly_zero(range_) ? 0.0 : 100 * plus_ / range_; }
  double minus_di() const { return nearly_zero(range_) ? 0.0 : 100 * minus_ / range_; }

  void save(ByteWriter& out) const {
    out.u64(seen_);
    for (const double value : {high_, low_, close_, plus_, minus_, range_}) out.f64(value);
  }
  bool load(ByteReader& in) {
    seen_ = in.u64();
    for (double* value : {&high_, &low_, &close_, &plus_, &minus_, &range_}) *value = in.f64();
    return seen_ <= n_;
  }

 private:
  std::size_t n_, seen_ = 0;
  double weight_;
  double high_ = 0, low_ = 0, close_ = 0, plus_ = 0, minus_ = 0, range_ = 0;
};

template <bool plus>
class DirectionalIndicator {
 public:
  explicit DirectionalIndicator(std::size_t n) : sums_(n) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    if (!sums_(bars, i)) return kMissing;
    return plus ? sums_.plus_di() : sums_.minus_di();
  }
  void save(ByteWriter& out) const { sums_.save(out); }
  bool load(ByteReader& in) { return sums_.load(in); }

 private:
  DirectionalSums sums_;
};

// Not a Smoothed: where there is no direction at all the average is kept, and the first n bars count even so.
class Adx {
 public:
  explicit Adx(std::size_t n) : n_(n), weight_(1.0 / static_cast<double>(n)), sums_(n) {}

  double operator()(const BarBlock& bars, std::size_t i) {
    if (!sums_(bars, i)) return kMissing;
    const double plus = sums_.plus_di(), minus = sums_.minus_di();
    const double total = plus + minus;
    const bool directed = !nearly_zero(total);
    const double dx = directed ? 100 * std::fabs(plus - minus) / total : 0.0;
    if (seen_ < n_) {
      value_ += dx;
      if (++seen_ < n_) return kMissing;
      value_ *= weight_;
    } else if (directed) {
      value_ += weight_ * (dx - value_);
    }
    return value_;
  }
  void save(ByteWriter& out) const {
    sums_.save(out);
    out.u64(seen_);
    out.f64(value_);
  }
  bool load(ByteReader& in) {
    const bool good = sums_.load(in);
    seen_ = in.u64();
    value_ = in.f64();
    return good && seen_ <= n_;
  }

 private:
  std::size_t n_, seen_ = 0;
  double weight_, value_ = 0;
  DirectionalSums sums_;
};

FeatureKind make_indicator(std::string name, std::string help, std::unique_ptr<Feature> (*make)(Parameters)) {
  return {.name = std::move(name),
          .parameters = {length_parameter("n", 14, 2)},
          .unit = "percent",
          .help = std::move(help),
          .source = "Wilder 1978; TA-Lib",
          .warm_up = [](Parameters p) { return length(p[0]); },
          .make = make,
          .memory_bars = [](Parameters p, double eps) { return 1 + wilder_memory(length(p[0]), eps); }};
}

}  // namespace

FeatureKind plus_di_kind() {
  return make_indicator("plus_di", "Plus directional indicator: 100 +DM / TR, both smoothed as Wilder does.",
                        [](Parameters p) { return on_bars<DirectionalIndicator<true>>(length(p[0])); });
}

FeatureKind minus_di_kind() {
  return make_indicator("minus_di",
                        "Minus directional indicator: 100 -DM / TR, both smoothed as Wilder does.",
                        [](Parameters p) { return on_bars<DirectionalIndicator<false>>(length(p[0])); });
}

FeatureKind adx_kind() {
  return {.name = "adx",
          .parameters = {length_parameter("n", 14, 2)},
          .unit = "percent",
          .help = "Average directional index: 100 |+DI - -DI| / (+DI + -DI), smoothed as Wilder does.",
          .source = "Wilder 1978; TA-Lib",
          .warm_up = [](Parameters p) { return 2 * length(p[0]) - 1; },
          .make = [](Parameters p) { return on_bars<Adx>(length(p[0])); },
          .memory_bars =
              [](Parameters p, double eps) {
                return 1 + wilder_memory(length(p[0]), eps / 2) + wilder_memory(length(p[0]), eps / 2);
              }};
}

}  // namespace pawl::features
