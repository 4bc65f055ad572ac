// Expressions on another market's own bars: ret(1)[SPY] is ret(1) by SPY's bars, their gaps and their start.
#pragma once

#include <vector>

#include "domain/bar_series.h"
#include "features/engine.h"
#include "loop/outside_points.h"
#include "recipe/recipe.h"

namespace pawl::loop {

// All that a recipe's features read of one market. One thread at a time.
class OtherMarket {
 public:
  // The recipe's outside series of kind market that are of `market`.
  OtherMarket(const recipe::Recipe& recipe, const Symbol& market);

  bool empty() const { return series_.empty(); }
  // Takes the market's next closed bars, in blocks of any size, and adds a point a bar to each of its series:
  // known at the bar's close, or later by the delay of the series; NaN where the expression has no value.
  void take(const BarBlock& bars, OutsidePoints& points);
  void take(const Bar& bar, OutsidePoints& points);

 private:
  std::vector<const recipe::OutsideSeries*> series_;
  std::vector<features::Engine> engine_;  // one, or none where it is empty
  std::vector<double> rows_;
  std::vector<std::uint8_t> ready_;
};

}  // namespace pawl::loop
