#include "features/kinds/smoothing.h"

#include <algorithm>

#include "features/kinds/exact_math.h"

namespace pawl::features {

namespace {

std::size_t decay_memory(std::size_t n, double kept, double eps) {
  if (kept <= 0) return n;
  const double bars = std::max(0.0, exact_log(eps) / exact_log(kept));
  return n + static_cast<std::size_t>(std::ceil(bars));
}

}  // namespace

std::size_t ema_memory(std::size_t n, double eps) {
  return decay_memory(n, 1 - 2.0 / static_cast<double>(n + 1), eps);
}

std::size_t wilder_memory(std::size_t n, double eps) {
  return decay_memory(n, 1 - 1.0 / static_cast<double>(n), eps);
}

}  // namespace pawl::features
