// Bars made of quotes that come one by one: the mid price, from the first quote of a bar to its last.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/bar.h"
#include "recipe/recipe.h"

namespace pawl::loop {

struct Quote {
  std::size_t symbol = 0;  // index in the recipe's symbols
  TimeMs at = 0;
  double mid = 0;  // above zero
};

// One thread at a time.
class QuoteBars {
 public:
  explicit QuoteBars(const recipe::Recipe& recipe) : recipe_(recipe) {}

  // Why it is no quote, in words; empty where it is one. One that is older than the recipe's
  // `stale_after_s`, or than another of its symbol, is none.
  std::string refuse(const Quote& quote, TimeMs now) const;
  // Takes it; gives the bar that it ends, being of a later one.
  std::optional<Bar> take(const Quote& quote);
  // Bars that have ended by `now`, with their symbols; they are taken out.
  std::vector<std::pair<std::size_t, Bar>> take_ended(TimeMs now);
  // When the next one ends.
  std::optional<TimeMs> next_end() const;
  const Bar* forming(std::size_t symbol) const;

 private:
  struct Forming {
    Bar bar;
    TimeMs quoted_at = 0;
  };
  const recipe::Recipe& recipe_;
  std::map<std::size_t, Forming> forming_;  // by symbol
};

}  // namespace pawl::loop
