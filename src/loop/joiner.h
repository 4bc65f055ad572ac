// Outside series joined to bars as they were known at each bar's close: rates and indices after their
// release, filings from their filing date, news by their instant, what the recipe's own markets say together
// (breadth, sector), and what features read of another market (ret(1)[SPY]).
//
// At one instant, all bars that close then are taken in before a value is made for any of them: a value of
// another market that is known at its close counts for the bars that close at the very same instant, in
// whatever order they are given. A market that closes later in truth has a delay in the recipe.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "loop/other_market.h"
#include "loop/outside_points.h"
#include "loop/own_markets.h"
#include "recipe/recipe.h"

namespace pawl::loop {

// One thread at a time.
class Joiner {
 public:
  // Points may come in any order; of two known at the same instant the later given wins. Those of the
  // recipe's own markets are made here, of the bars that are joined.
  Joiner(const recipe::Recipe& recipe, OutsidePoints points);

  using Item = MarketBar;
  // The values for each of the bars that close together, in the order of the recipe's outside series; missing
  // (NaN) where nothing is known yet, or nothing new for longer than the recipe allows. Each bar is given
  // once, batches in time order.
  std::vector<std::vector<double>> join(std::span<const Item> batch);

  // Takes in a bar that was joined in an earlier life of this process, each market's in time order: what is
  // joined from then on is as if there had been no other life.
  void remember(const Item& item);

 private:
  double value_of(const recipe::OutsideSeries& series, const Item& item) const;
  double of_batch(const recipe::OutsideSeries& series, std::span<const Item> batch) const;
  std::vector<double> of_sectors(const recipe::OutsideSeries& series, std::span<const Item> batch) const;
  // A symbol's own points of a series, or those of all where a file names no symbol.
  std::pair<std::string, std::string> key_of(const std::string& name, std::size_t symbol) const;
  std::span<const OutsidePoint> points_of(const recipe::OutsideSeries& series, std::size_t symbol) const;

  const recipe::Recipe& recipe_;
  OutsidePoints points_;
  std::map<std::pair<std::string, std::string>, DecayedSums> decayed_;
  OwnMarkets own_;
  std::vector<OtherMarket> others_;  // by symbol: what is read of the recipe's own markets
};

}  // namespace pawl::loop
