// Formulas that TA-Lib computes with rolling sums, over the whole window in long double, anew at every bar.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "domain/bar_series.h"

namespace pawl::features::exact {

using Real = long double;
using Parameters = std::vector<double>;
inline constexpr Real kNone = std::numeric_limits<Real>::quiet_NaN();

// One series, and what its exact values share: mean and population deviation of the closes of every window of
// n, in two passes in Real. Computed for all bars when first asked for.
class Series {
 public:
  explicit Series(const BarSeries& bars) : bars_(bars) {}
  struct Moments {
    Real mean = 0, deviation = 0;
  };
  const BarSeries& bars() const { return bars_; }
  const Moments& moments(std::size_t n, std::size_t bar);  // bar ≥ n − 1
  // Wilder's relative strength index of the closes at every bar from n on.
  const std::vector<Real>& strength(std::size_t n);

 private:
  const BarSeries& bars_;
  std::map<std::size_t, std::vector<Real>> strengths_;   // by n
  std::map<std::size_t, std::vector<Moments>> moments_;  // by n
};

inline const Series::Moments& Series::moments(std::size_t n, std::size_t bar) {
  std::vector<Moments>& all = moments_[n];
  if (all.empty()) {
    all.resize(bars_.size());
    const std::span<const double> close = bars_.all().close;
    for (std::size_t last = n - 1; last < bars_.size(); ++last) {
      Real sum = 0, squares = 0;
      for (std::size_t i = last + 1 - n; i <= last; ++i) sum += close[i];
      const Real mean = sum / static_cast<Real>(n);
      for (std::size_t i = last + 1 - n; i <= last; ++i) squares += (close[i] - mean) * (close[i] - mean);
      const Real deviation = std::sqrt(squares / static_cast<Real>(n));
      // The mean of equal values is rounded too.
      const bool flat = deviation < 4 * std::numeric_limits<Real>::epsilon() * mean;
      all[last] = {mean, flat ? 0 : deviation};
    }
  }
  return all[bar];
}

inline const std::vector<Real>& Series::strength(std::size_t n) {
  std::vector<Real>& all = strengths_[n];
  if (!all.empty()) return all;
  all.resize(bars_.size());
  const auto count = static_cast<Real>(n);
  Real gain = 0, loss = 0;
  for (std::size_t i = 1; i < bars_.size(); ++i) {
    const Real moved = static_cast<Real>(bars_.close(i)) - bars_.close(i - 1);
    const Real up = moved > 0 ? moved : 0, down = moved < 0 ? -moved : 0;
    gain = i <= n ? gain + up / count : (gain * (count - 1) + up) / count;
    loss = i <= n ? loss + down / count : (loss * (count - 1) + down) / count;
    all[i] = gain + loss < Real{1e-14} ? 0 : 100 * gain / (gain + loss);
  }
  return all;
}

// The formula at one bar, over its whole window; nothing where no answer is right, NaN where there is no
// value.
using Formula = std::optional<Real> (*)(Series& series, std::size_t bar, const Parameters& parameters);

inline std::size_t window_of(const Parameters& p) {
  return static_cast<std::size_t>(p[0]);
}

inline std::optional<Real> wma(Series& series, std::size_t bar, const Parameters& p) {
  Real sum = 0, weights = 0;
  for (std::size_t i = bar + 1 - window_of(p), weight = 1; i <= bar; ++i, ++weight) {
    sum += static_cast<Real>(weight) * series.bars().close(i);
    weights += static_cast<Real>(weight);
  }
  return sum / weights;
}

// As a double, which is how TA-Lib and we take it: the last bit of it is an input.
inline double typical(const BarSeries& bars, std::size_t i) {
  return (bars.high(i) + bars.low(i) + bars.close(i)) / 3;
}

inline std::optional<Real> cci(Series& series, std::size_t bar, const Parameters& p) {
  const BarSeries& bars = series.bars();
  const std::size_t first = bar + 1 - window_of(p);
  const auto n = static_cast<Real>(p[0]);
  Real mean = 0, deviation = 0;
  double least = typical(bars, bar), greatest = least;
  for (std::size_t i = first; i <= bar; ++i) {
    const double value = typical(bars, i);
    mean += value / n;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  for (std::size_t i = first; i <= bar; ++i) deviation += std::fabs(typical(bars, i) - mean) / n;
  if (least == greatest) return 0;
  if (greatest - least < 4 * std::numeric_limits<double>::epsilon() * greatest) return std::nullopt;
  return (typical(bars, bar) - mean) / (Real{0.015} * deviation);
}

inline std::optional<Real> mfi(Series& series, std::size_t bar, const Parameters& p) {
  const BarSeries& bars = series.bars();
  Real in = 0, out = 0;
  for (std::size_t i = bar + 1 - window_of(p); i <= bar; ++i) {
    const double now = typical(bars, i), before = typical(bars, i - 1);
    if (now > before) in += static_cast<Real>(now) * bars.volume(i);
    if (now < before) out += static_cast<Real>(now) * bars.volume(i);
  }
  return in + out == 0 ? kNone : 100 * in / (in + out);
}

// Of close and volume; no value where one of them stands still.
inline std::optional<Real> correlation(Series& series, std::size_t bar, const Parameters& p) {
  const BarSeries& bars = series.bars();
  const Real close_mean = series.moments(window_of(p), bar).mean;
  Real volume_mean = 0;
  for (std::size_t i = bar + 1 - window_of(p); i <= bar; ++i) volume_mean += bars.volume(i) / Real(p[0]);
  Real both = 0, close_squares = 0, volume_squares = 0;
  bool moves = false, trades = false;
  for (std::size_t i = bar + 1 - window_of(p); i <= bar; ++i) {
    const Real close = bars.close(i) - close_mean, volume = bars.volume(i) - volume_mean;
    both += close * volume;
    close_squares += close * close;
    volume_squares += volume * volume;
    moves = moves || bars.close(i) != bars.close(bar);
    trades = trades || bars.volume(i) != bars.volume(bar);
  }
  return moves && trades ? both / std::sqrt(close_squares * volume_squares) : kNone;
}

// Where the index has not moved, as it does not while the close stands still, its place is one of rounding.
inline std::optional<Real> fast_stochastic(Series& series, std::size_t bar, const Parameters& p) {
  const std::vector<Real>& strength = series.strength(window_of(p));
  const auto last = strength.begin() + static_cast<std::ptrdiff_t>(bar);
  const auto [least, most] = std::minmax_element(last + 1 - static_cast<std::ptrdiff_t>(p[1]), last + 1);
  if (*most - *least < Real{1e-6}) return std::nullopt;
  return 100 * (*last - *least) / (*most - *least);
}
inline std::optional<Real> fast_stochastic_mean(Series& series, std::size_t bar, const Parameters& p) {
  Real mean = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(p[2]); ++i) {
    const std::optional<Real> value = fast_stochastic(series, bar - i, p);
    if (!value) return std::nullopt;
    mean += *value / static_cast<Real>(p[2]);
  }
  return mean;
}

inline std::optional<Real> deviation(Series& series, std::size_t bar, const Parameters& p) {
  return series.moments(window_of(p), bar).deviation;
}
inline std::optional<Real> upper(Series& series, std::size_t bar, const Parameters& p) {
  const auto& [mean, deviation] = series.moments(window_of(p), bar);
  return mean + p[1] * deviation;
}
inline std::optional<Real> lower(Series& series, std::size_t bar, const Parameters& p) {
  const auto& [mean, deviation] = series.moments(window_of(p), bar);
  return mean - p[1] * deviation;
}
inline std::optional<Real> width(Series& series, std::size_t bar, const Parameters& p) {
  const auto& [mean, deviation] = series.moments(window_of(p), bar);
  return 2 * p[1] * deviation / mean;
}
inline std::optional<Real> pctb(Series& series, std::size_t bar, const Parameters& p) {
  const auto& [mean, deviation] = series.moments(window_of(p), bar);
  const Real half = p[1] * deviation;
  return half == 0 ? kNone : (series.bars().close(bar) - mean + half) / (2 * half);
}

}  // namespace pawl::features::exact
