#include "loop/outside_points.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace pawl::loop {

namespace {

// 2^−x of x ≥ 0 with the same bits on every machine: nothing but operations that IEEE 754 rounds correctly,
// which the C library's exp2 is not made of. Within 2 units in the last place.
double halved(double x) {
  if (x > 2000) return 0;
  const double whole = std::floor(x + 0.5);
  const double y = (whole - x) * std::numbers::ln2;  // within ±0.35
  double series = 1;
  for (int n = 14; n > 0; --n) series = 1 + series * y / n;
  return std::ldexp(series, -static_cast<int>(whole));
}

}  // namespace

const OutsidePoint* newest_known(std::span<const OutsidePoint> points, TimeMs at) {
  const auto after = std::ranges::upper_bound(points, at, {}, &OutsidePoint::known_at);
  return after == points.begin() ? nullptr : &*std::prev(after);
}

double sum_within(std::span<const OutsidePoint> points, TimeMs at, DurationMs span) {
  const auto after = std::ranges::upper_bound(points, at, {}, &OutsidePoint::known_at);
  if (after == points.begin()) return std::numeric_limits<double>::quiet_NaN();
  const auto first = std::ranges::upper_bound(points.begin(), after, at - span, {}, &OutsidePoint::known_at);
  double sum = 0;
  for (auto point = first; point != after; ++point) sum += point->value;
  return sum;
}

DecayedSums::DecayedSums(std::span<const OutsidePoint> points, DurationMs half_life)
    : half_life_ms_(static_cast<double>(half_life)) {
  sums_.reserve(points.size());
  Sums sums;
  for (const OutsidePoint& point : points) {
    const double kept = sums_.empty() ? 0 : kept_after(point.known_at - sums.known_at);
    sums = {.known_at = point.known_at,
            .values = sums.values * kept + point.value,
            .weights = sums.weights * kept + 1};
    sums_.push_back(sums);
  }
}

double DecayedSums::kept_after(DurationMs time) const {
  return halved(static_cast<double>(time) / half_life_ms_);
}

const DecayedSums::Sums* DecayedSums::newest(TimeMs at) const {
  const auto after = std::ranges::upper_bound(sums_, at, {}, &Sums::known_at);
  return after == sums_.begin() ? nullptr : &*std::prev(after);
}

std::optional<double> DecayedSums::sum(TimeMs at) const {
  const Sums* known = newest(at);
  if (known == nullptr) return std::nullopt;
  return known->values * kept_after(at - known->known_at);
}

std::optional<double> DecayedSums::mean(TimeMs at) const {
  const Sums* known = newest(at);
  if (known == nullptr) return std::nullopt;
  return known->values / known->weights;
}

}  // namespace pawl::loop
