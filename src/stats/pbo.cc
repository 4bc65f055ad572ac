#include "stats/pbo.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <vector>

namespace pawl::stats {

std::optional<Overfitting> backtest_overfitting(std::span<const double> performance, std::size_t trials,
                                                std::size_t blocks) {
  assert(performance.size() == trials * blocks);
  constexpr std::size_t kBlocksMost = 20;  // 184,756 halves
  if (trials < 2 || blocks < 2 || blocks % 2 != 0 || blocks > kBlocksMost) return std::nullopt;

  std::vector<double> inside(trials), outside(trials), logits;
  bool any_apart = false;
  for (std::uint32_t half = 0; half < (std::uint32_t{1} << blocks); ++half) {
    if (static_cast<std::size_t>(std::popcount(half)) != blocks / 2) continue;
    std::ranges::fill(inside, 0);
    std::ranges::fill(outside, 0);
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t block = 0; block < blocks; ++block)
        ((half >> block & 1) != 0 ? inside : outside)[trial] += performance[trial * blocks + block];
    }
    const auto best = static_cast<std::size_t>(std::ranges::max_element(inside) - inside.begin());
    const auto [least, greatest] = std::ranges::minmax(outside);
    any_apart |= greatest > least;
    double below = 0, level = 0;
    for (const double other : outside) {
      below += other < outside[best] ? 1 : 0;
      level += other == outside[best] ? 1 : 0;
    }
    const double share = (below + (level + 1) / 2) / static_cast<double>(trials + 1);
    logits.push_back(std::log(share / (1 - share)));
  }
  if (!any_apart) return std::nullopt;

  Overfitting result{.splits = logits.size()};
  const auto lost = std::ranges::count_if(logits, [](double logit) { return logit <= 0; });
  result.probability = static_cast<double>(lost) / static_cast<double>(logits.size());
  std::ranges::sort(logits);
  const std::size_t middle = logits.size() / 2;  // their number is even: halves come in pairs
  result.median_logit = (logits[middle - 1] + logits[middle]) / 2;
  return result;
}

}  // namespace pawl::stats
