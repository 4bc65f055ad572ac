// What a recipe's own markets say together at an instant: breadth and the moves of sectors. Of the markets
// whose bars close at that instant, so that the universe is the one of the time.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "domain/bar.h"
#include "recipe/recipe.h"

namespace pawl::loop {

// A bar and the index of its symbol in the recipe.
struct MarketBar {
  std::size_t symbol = 0;
  Bar bar;
};

// One thread at a time. Cost of each measure: O(length) a market. All are NaN where no market has bars
// enough.
class OwnMarkets {
 public:
  explicit OwnMarkets(const recipe::Recipe& recipe);

  // Takes a market's next closed bar. The measures below are of bars that were taken.
  void take(const MarketBar& item);

  // The share of these markets that closed above the mean of their own last closes. In [0, 1].
  double breadth(std::span<const MarketBar> batch, std::int64_t length) const;
  // (risen − fallen) / (risen + fallen) of these markets, against their closes `length` bars ago; zero where
  // none moved. In [−1, 1].
  double advances(std::span<const MarketBar> batch, std::int64_t length) const;
  // The share of these markets that closed above all their `length` closes before, less the share that closed
  // below them all. In [−1, 1].
  double new_highs(std::span<const MarketBar> batch, std::int64_t length) const;
  // The mean return over `length` bars of these markets as far as they are of the sector.
  double sector_move(std::span<const MarketBar> batch, const std::string& sector, std::int64_t length) const;

  // Whether a value that was known at `known_at` has been the newest at so many of the market's bars before
  // its last one. False where `bars` is 0, or the market has had fewer.
  bool is_stale(std::size_t symbol, TimeMs known_at, std::int64_t bars) const;

 private:
  struct Close {
    TimeMs time = 0;
    double price = 0;
  };
  const recipe::Recipe& recipe_;
  std::vector<std::deque<Close>> closes_;  // by symbol, the newest last
  std::size_t kept_ = 0;                   // as many as the longest length needs
};

}  // namespace pawl::loop
