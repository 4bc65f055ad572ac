// What a recipe's loop is fed with: the bars of its markets and the outside series that are joined to them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/bar_series.h"
#include "loop/joiner.h"
#include "market/data_source.h"
#include "recipe/recipe.h"
#include "store/store.h"

namespace pawl::app {

struct Feed {
  std::vector<BarSeries> series;  // by the recipe's symbols; empty where there are no bars of one
  loop::OutsidePoints outside;
  std::int64_t gaps = 0, bad_rows = 0;
  std::vector<std::string> notes;

  // The open of the first bar; nothing where there is none.
  std::optional<TimeMs> first_open() const;
};

// Bars that are looked at: open times in [from, to).
struct FeedSpan {
  std::optional<TimeMs> from, to;
};

// Reads everything that the recipe names. A market without bars is noted, as long as another has some.
Result<Feed> fetch_feed(const recipe::Recipe& recipe, const FeedSpan& span, const ProgressSink& progress);

// The bars of each symbol with the outside series joined to them as they were known.
Result<std::vector<BarSeries>> join_feed(const recipe::Recipe& recipe, const Feed& feed);

// Puts a feed's bars into the store, joined with its outside series as they were known. What became of them,
// by the recipe's symbols; a bar that comes with other values than before is a revision, known at `now`.
Result<std::vector<store::BarAppend>> store_feed(const recipe::Recipe& recipe, const Feed& feed,
                                                 store::Store& store, TimeMs now);

}  // namespace pawl::app
