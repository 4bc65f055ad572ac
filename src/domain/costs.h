// What a change of position costs.
#pragma once

#include "base/result.h"

namespace pawl {

// Cost of moving the position by one whole unit (flat to long), as a fraction of the price.
struct Costs {
  double per_side_bp = 0;    // basis points of the price
  double per_side_pips = 0;  // pips of `pip_size`; currencies
  double pip_size = 0.0001;

  double fraction(double price) const {
    return per_side_bp * 1e-4 + (per_side_pips > 0 ? per_side_pips * pip_size / price : 0.0);
  }
  // Into a position and out of it again.
  double round_trip(double price) const { return 2 * fraction(price); }
};

}  // namespace pawl
