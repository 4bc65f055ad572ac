// Trades that were made elsewhere, before pawl was asked about any: taken into the store as a filter's past.
#pragma once

#include <span>

#include "market/trade_events.h"
#include "market/trades_csv.h"
#include "recipe/recipe.h"
#include "registry/registry.h"
#include "store/store.h"

namespace pawl::loop {

struct TradeImport {
  std::int64_t opened = 0, closed = 0;
  std::int64_t known = 0;  // events or rows that the store had already
};

// As if version 0, which must be there, had let each of them through. All or nothing. conflict where an id is
// there with another content; invalid_argument for a symbol that the recipe does not have.
Result<TradeImport> import_trades(const recipe::Recipe& recipe, store::Store& store,
                                  registry::Registry& registry, std::span<const market::TradeEvent> events);

// Rows of a training data file, which has no times: they get instants before `now`, a millisecond apart, in
// the order of the file, the recipe's first symbol, and no price and no return. A row is known by its
// content, so that a file that has grown since may be imported again.
Result<TradeImport> import_training_rows(const recipe::Recipe& recipe, store::Store& store,
                                         registry::Registry& registry, std::span<const market::TradeRow> rows,
                                         TimeMs now);

}  // namespace pawl::loop
