// `pawl trades`: what goes in and out of a trade filter's record.
#pragma once

#include <span>

#include "app/context.h"
#include "app/feed.h"
#include "market/trade_events.h"

namespace pawl::app {

struct TradesOptions {
  std::vector<std::string> files;  // to read
  std::string output;              // to write; empty: stdout
  bool with_times = false;         // reports with times instead of training data
  std::int64_t count = 0;          // trades to make; 0: all that the bars hold
};
int trades_import_command(const CommonOptions& common, const TradesOptions& options);
int trades_export_command(const CommonOptions& common, const TradesOptions& options);
int trades_make_command(const CommonOptions& common, const TradesOptions& options);

// What a bot of simple rules does on the bars of a recipe's symbols, by time: every signal, and the close of
// each that has ended; the first `count` of them where it is not 0.
Result<std::vector<market::TradeEvent>> bot_trades(const recipe::Recipe& recipe,
                                                   std::span<const BarSeries> series, std::int64_t count);
// Reports from a file, those of them that lie in the span.
Result<std::vector<market::TradeEvent>> read_trades(const std::string& file, const FeedSpan& span);

// The rows that a training at `as_of` could read: a line a trade, with its times, its label and its return.
Result<std::string> trade_dataset_csv(const recipe::Recipe& recipe, store::Store& store, TimeMs as_of);

}  // namespace pawl::app
