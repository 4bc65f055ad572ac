// Prices that people like: multiples of 1, 2 or 5 times a power of ten.
#pragma once

namespace pawl::features {

// Kept as a fraction of whole numbers, so that multiples are the doubles nearest to what is written:
// 3 · 0.1 is not 0.3, 3 / 10 is.
struct RoundStep {
  double over = 1, under = 1;  // the step is over / under
  // The multiples around a price: below ≤ price < above, but for the rounding of one division.
  double below(double price) const;
  double above(double price) const;
  double nearest(double price) const;
};

// The smallest of 1, 2 and 5 times a power of ten that is not below max(price / 200, 4 ATR): as coarse as the
// price (5 at 515, 0.01 at 1.1), and never so fine that every bar would stand at one.
RoundStep round_step(double price, double atr);

}  // namespace pawl::features
