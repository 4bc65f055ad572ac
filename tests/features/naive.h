// Naive implementations of features, straight from the formula, in long double, over the whole window at
// every bar; and the comparison with what the engine says.
#pragma once

#include <functional>

#include "features/bars_for_features.h"

namespace pawl::features {

using Real = long double;
inline constexpr Real kNone = std::numeric_limits<Real>::quiet_NaN();

struct Recent {
  const BarSeries& bars;
  std::size_t first, last;  // both within
  Real fold(const std::function<Real(std::size_t)>& value) const {
    Real sum = 0;
    for (std::size_t i = first; i <= last; ++i) sum += value(i);
    return sum;
  }
  Real count() const { return static_cast<Real>(last - first + 1); }
  Real mean(const std::function<Real(std::size_t)>& value) const { return fold(value) / count(); }
  Real deviation(const std::function<Real(std::size_t)>& value) const {
    const Real m = mean(value);
    return std::sqrt(fold([&](std::size_t i) { return (value(i) - m) * (value(i) - m); }) / count());
  }
  Real highest() const {
    Real best = bars.high(first);
    for (std::size_t i = first; i <= last; ++i) best = std::max<Real>(best, bars.high(i));
    return best;
  }
  Real lowest() const {
    Real best = bars.low(first);
    for (std::size_t i = first; i <= last; ++i) best = std::min<Real>(best, bars.low(i));
    return best;
  }
};

struct Naive {
  const char* spec;
  std::size_t bars;    // in the window, the present one included
  std::size_t before;  // bars before the window that are looked at too
  Real (*value)(const Recent&, const BarSeries&, std::size_t);
};

inline Real log_return(const BarSeries& b, std::size_t i) {
  return std::log(static_cast<Real>(b.close(i)) / static_cast<Real>(b.close(i - 1)));
}
inline Real change(const BarSeries& b, std::size_t i) {
  return static_cast<Real>(b.close(i)) / b.close(i - 1) - 1;
}
inline Real typical(const BarSeries& b, std::size_t i) {
  return (static_cast<Real>(b.high(i)) + b.low(i) + b.close(i)) / 3;
}
inline Real signed_volume(const BarSeries& b, std::size_t i) {
  if (b.close(i) == b.close(i - 1)) return 0;
  return b.close(i) > b.close(i - 1) ? b.volume(i) : -b.volume(i);
}

inline void expect_naive(std::span<const Naive> naives, const BarSeries& bars, double tolerance) {
  for (const Naive& naive : naives) {
    const std::vector<double> values = values_of(naive.spec, bars);
    const std::size_t first = naive.bars - 1 + naive.before;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      if (i < first) {
        ASSERT_TRUE(std::isnan(values[i])) << naive.spec << " at " << i;
        continue;
      }
      const Recent recent{bars, i + 1 - naive.bars, i};
      const Real wanted = naive.value(recent, bars, i);
      if (!std::isfinite(wanted)) {
        ASSERT_TRUE(std::isnan(values[i])) << naive.spec << " at " << i;
        continue;
      }
      const double close_to = static_cast<double>(wanted);
      ASSERT_NEAR(values[i], close_to, tolerance * std::max(1.0, std::fabs(close_to)))
          << naive.spec << " at " << i;
    }
  }
}

inline std::vector<std::string> specs_of(std::span<const Naive> naives) {
  std::vector<std::string> specs;
  for (const Naive& naive : naives) specs.emplace_back(naive.spec);
  return specs;
}

}  // namespace pawl::features
