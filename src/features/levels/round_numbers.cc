#include "features/levels/round_numbers.h"

#include <algorithm>
#include <cmath>

namespace pawl::features {

double RoundStep::below(double price) const {
  return std::floor(price * under / over) * over / under;
}
double RoundStep::above(double price) const {
  return (std::floor(price * under / over) + 1) * over / under;
}
double RoundStep::nearest(double price) const {
  return std::floor(price * under / over + 0.5) * over / under;
}

// By comparison with powers of ten, which are exact doubles up to 10²²: nothing here depends on a platform's
// logarithm.
RoundStep round_step(double price, double atr) {
  constexpr double kMost = 1e18;
  const double least = std::max(price / 200, 4 * atr);
  double under = 1, power = 1;  // the step is one, two or five of power / under
  while (power * 10 <= least && power < kMost) power *= 10;
  while (power / under > least && under < kMost) under *= 10;
  for (const double digit : {1.0, 2.0, 5.0}) {
    if (digit * power / under >= least) return {.over = digit * power, .under = under};
  }
  return under > 1 ? RoundStep{.over = power, .under = under / 10} : RoundStep{.over = power * 10};
}

}  // namespace pawl::features
