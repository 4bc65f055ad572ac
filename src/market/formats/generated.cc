#include <algorithm>
#include <cmath>
#include <numeric>

#include "market/formats/quality.h"

namespace pawl::market::formats {

namespace {

// Ranks from 0; equal values share the middle of theirs.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  std::vector<double> ranks(values.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    for (std::size_t i = from; i < to; ++i) ranks[order[i]] = static_cast<double>(from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

// Pearson's of two columns of ranks, the second `lag` later; 0 where one of them does not vary.
double correlation(const std::vector<double>& a, const std::vector<double>& b, std::size_t lag) {
  const std::size_t n = a.size() - lag;
  double mean_a = 0, mean_b = 0;
  for (std::size_t i = 0; i < n; ++i) {
    mean_a += a[i];
    mean_b += b[i + lag];
  }
  mean_a /= static_cast<double>(n);
  mean_b /= static_cast<double>(n);
  double both = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < n; ++i) {
    both += (a[i] - mean_a) * (b[i + lag] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i + lag] - mean_b) * (b[i + lag] - mean_b);
  }
  return square_a > 0 && square_b > 0 ? both / std::sqrt(square_a * square_b) : 0;
}

}  // namespace

std::optional<QualityFlag> generated_bars(const BarSeries& bars) {
  constexpr std::size_t kEnough = 300;
  if (bars.size() < kEnough) return std::nullopt;
  std::vector<double> volumes, ranges;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    volumes.push_back(bars.volume(i));
    ranges.push_back((bars.high(i) - bars.low(i)) / bars.close(i));
  }
  if (std::count_if(volumes.begin(), volumes.end(), [](double v) { return v > 0; }) * 2 <
      static_cast<std::ptrdiff_t>(bars.size())) {
    return std::nullopt;
  }
  const std::vector<double> volume_ranks = ranks_of(volumes), range_ranks = ranks_of(ranges);
  const double volumes_follow = correlation(volume_ranks, volume_ranks, 1);
  const double ranges_follow = correlation(range_ranks, range_ranks, 1);
  const double together = correlation(volume_ranks, range_ranks, 0);
  // Of random numbers, one in a thousand samples is beyond 3.3 standard errors.
  const double chance = std::max(0.08, 3.3 / std::sqrt(static_cast<double>(bars.size())));
  if (std::max({volumes_follow, ranges_follow, together}) > chance) return std::nullopt;
  const auto [least, most] = std::minmax_element(volumes.begin(), volumes.end());
  return QualityFlag{
      "generated", static_cast<std::int64_t>(bars.size()),
      fmt::format(
          "these bars look made by a random generator, not by a market: volumes (from {:.0f} to {:.0f}) and "
          "ranges have nothing to do with one another nor with those of the bar before (rank correlations "
          "{:.2f}, {:.2f} and {:.2f}; of real bars all are far above {:.2f})",
          *least, *most, together, volumes_follow, ranges_follow, chance)};
}

}  // namespace pawl::market::formats
