// Outside series joined to bars as they were known at each bar's close: rates and indices after their
// release, filings from their filing date, and what the recipe's own markets say together (breadth, sector).
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "domain/bar.h"
#include "recipe/recipe.h"

namespace pawl::loop {

// A value of an outside series from the instant at which it may be used.
struct OutsidePoint {
  TimeMs known_at = 0;
  double value = 0;
};

// Points by the name of the outside series and, where they are a symbol's own, by canonical symbol (else "").
using OutsidePoints = std::map<std::pair<std::string, std::string>, std::vector<OutsidePoint>>;

// One thread at a time.
class Joiner {
 public:
  // Points may come in any order; of two known at the same instant the later given wins.
  Joiner(const recipe::Recipe& recipe, OutsidePoints points);

  struct Item {
    std::size_t symbol = 0;  // index into the recipe's symbols
    Bar bar;
  };
  // The values for each of the bars that close together, in the order of the recipe's outside series; missing
  // (NaN) where nothing is known yet. Each bar is given once, batches in time order.
  std::vector<std::vector<double>> join(std::span<const Item> batch);

 private:
  double as_known(const std::string& name, const std::string& symbol, TimeMs at) const;
  void take(const Item& item);
  double breadth(std::span<const Item> batch, std::int64_t length) const;
  double sector_move(std::span<const Item> batch, const Item& of, std::int64_t length) const;

  const recipe::Recipe& recipe_;
  OutsidePoints points_;
  std::vector<std::deque<double>> closes_;  // by symbol, the newest last; as many as the longest length needs
  std::size_t closes_kept_ = 0;
};

}  // namespace pawl::loop
