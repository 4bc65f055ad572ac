#include "app/commands/trades.h"
#include "app/followers.h"

#include <algorithm>

#include "app/opened.h"
#include "app/output_files.h"
#include "datasets/rules_bot.h"
#include "datasets/trade_table.h"
#include "loop/import_trades.h"
#include "loop/trade_line.h"
#include "market/trades_csv.h"

namespace pawl::app {

namespace {

Status expect_filter(const recipe::Recipe& recipe) {
  if (recipe.trades.present) return {};
  return fail(ErrorCode::bad_config,
              "the recipe {} filters no trades: it has no `trades` section; name one that has: --recipe "
              "trade-filter",
              recipe.name);
}

// The training data file has no times and no ids; reports have both.
bool is_training_data(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  return !text.starts_with('{') && header.find("profitable") != std::string_view::npos &&
         header.find("type,") != 0 && header.find("at,") == std::string_view::npos;
}

Status write_whole(const std::string& file, std::string_view bytes) {
  WholeFile output;
  if (Status opened = output.open(file); !opened) return opened;
  if (Status written = output.write(bytes); !written) return written;
  return output.finish();
}

std::string reports_text(std::span<const market::TradeEvent> events, const std::string& file) {
  return file.ends_with(".csv") ? market::trade_events_csv(events) : market::trade_events_ndjson(events);
}

Result<loop::TradeImport> import_file(const recipe::Recipe& recipe, DataFolder& data,
                                      const std::string& file) {
  auto text = data.files().read(file);
  if (!text) return propagate(text);
  if (is_training_data(*text)) {
    auto rows = market::read_trades_csv(*text, file);
    if (!rows) return propagate(rows);
    return loop::import_training_rows(recipe, data.store(), data.registry(), rows->rows, WallClock().now());
  }
  auto events = market::read_trade_events(*text, file);
  if (!events) return propagate(events);
  return loop::import_trades(recipe, data.store(), data.registry(), *events);
}

Status import_all(const CommonOptions& common, const TradesOptions& options) {
  if (!RealFileSystem().exists(Path(common.data) / "pawl.db")) {
    if (auto named = load_recipe(common, std::nullopt); !named) return propagate(named);
  }
  auto opened = open_with_recipe(common, DataFolder::Use::write);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  if (Status filter = expect_filter(recipe); !filter) return filter;
  if (!common.recipe.empty() || !opened->remembered) {
    if (Status kept = data.remember_recipe(recipe); !kept) return kept;
  }
  auto start = first_open(recipe, data.store());
  if (!start) return propagate(start);
  // Opening the loop makes version 0, which is what let these trades through.
  if (auto engine = make_engine(recipe, data, *start, {}); !engine) return propagate(engine);
  loop::TradeImport sum;
  for (const std::string& file : options.files) {
    auto imported = import_file(recipe, data, file);
    if (!imported) return within(file, imported.error());
    sum.opened += imported->opened;
    sum.closed += imported->closed;
    sum.known += imported->known;
  }
  if (common.json) {
    print(Json{{"opened", sum.opened}, {"closed", sum.closed}, {"known", sum.known}}.dump() + "\n");
  } else if (!common.quiet) {
    print(fmt::format("{} trades taken in, {} of them closed; {} were there already\n", sum.opened,
                      sum.closed, sum.known));
  }
  if (Status flushed = data.store().flush(); !flushed) return flushed;
  return catch_up_files(common, data);
}

Result<std::vector<Trade>> stored_trades(const recipe::Recipe& recipe, store::Store& store) {
  constexpr std::size_t kPage = 10'000;
  std::vector<Trade> trades;
  for (std::int64_t cursor = 0;;) {
    auto page = store.trades().read_after(cursor, kPage, recipe.line_of(recipe.symbols.front()));
    if (!page) return propagate(page);
    if (page->empty()) return trades;
    cursor = page->back().number;
    std::move(page->begin(), page->end(), std::back_inserter(trades));
  }
}

// By time; a close comes before what is opened at its instant, unless it is its own.
void sort_by_time(std::vector<market::TradeEvent>& events) {
  std::stable_sort(events.begin(), events.end(),
                   [](const market::TradeEvent& a, const market::TradeEvent& b) {
                     return market::time_of(a) < market::time_of(b);
                   });
}

Status export_all(const CommonOptions& common, const TradesOptions& options) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  if (Status filter = expect_filter(recipe); !filter) return filter;
  if (options.with_times) {
    auto trades = stored_trades(recipe, data.store());
    if (!trades) return propagate(trades);
    std::vector<market::TradeEvent> events;
    for (const Trade& trade : *trades) {
      events.emplace_back(trade.signal);
      if (trade.close) events.emplace_back(*trade.close);
    }
    sort_by_time(events);
    return write_whole(options.output, reports_text(events, options.output));
  }
  auto closed = data.store().trades().closed(recipe.line_of(recipe.symbols.front()));
  if (!closed) return propagate(closed);
  std::string csv = fmt::format("{}\n", market::trades_csv_header());
  for (const Trade& trade : *closed) {
    csv += market::trades_csv_line({trade.signal.indicators, trade.close->profitable, trade.signal.side});
    csv += '\n';
  }
  return write_whole(options.output, csv);
}

Status make_trades(const CommonOptions& common, const TradesOptions& options) {
  CommonOptions named = common;
  if (named.recipe.empty()) named.recipe = "trade-filter";
  auto recipe = load_recipe(named, std::nullopt);
  if (!recipe) return propagate(recipe);
  if (Status filter = expect_filter(*recipe); !filter) return filter;
  ProgressMeter meter("reading bars", "rows", progress_style(common));
  auto feed = fetch_feed(*recipe, {}, meter.sink());
  if (!feed) return propagate(feed);
  meter.pause();
  auto events = bot_trades(*recipe, feed->series, options.count);
  if (!events) return propagate(events);
  return write_whole(options.output, reports_text(*events, options.output));
}

int finish(const Status& done, const CommonOptions& common) {
  return done ? 0 : report(done.error(), common);
}

}  // namespace

Result<std::vector<market::TradeEvent>> bot_trades(const recipe::Recipe& recipe,
                                                   std::span<const BarSeries> series, std::int64_t count) {
  struct Made {
    TradeSignal signal;
    std::optional<TradeClose> close;
  };
  std::vector<Made> made;
  datasets::BotRules rules;
  rules.exits = loop::paper_rules(recipe.trades);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Symbol& symbol = recipe.symbols[i];
    auto run = datasets::follow_rules_bot(series[i], symbol.canonical(), recipe.base, recipe.calendar,
                                          recipe.costs_of(symbol), rules);
    if (!run) return propagate(run);
    for (datasets::BotTrade& trade : run->trades) {
      made.push_back({std::move(trade.signal), std::move(trade.close)});
    }
    if (run->open) made.push_back({std::move(*run->open), std::nullopt});
  }
  std::stable_sort(made.begin(), made.end(),
                   [](const Made& a, const Made& b) { return a.signal.at < b.signal.at; });
  if (count > 0 && made.size() > static_cast<std::size_t>(count)) {
    made.resize(static_cast<std::size_t>(count));
  }
  std::vector<market::TradeEvent> events;
  for (Made& one : made) {
    events.emplace_back(std::move(one.signal));
    if (one.close) events.emplace_back(std::move(*one.close));
  }
  sort_by_time(events);
  return events;
}

Result<std::vector<market::TradeEvent>> read_trades(const std::string& file, const FeedSpan& span) {
  auto text = RealFileSystem().read(file);
  if (!text) return propagate(text);
  if (is_training_data(*text)) {
    return fail(ErrorCode::bad_data,
                "{}: this is training data, which has no times and cannot be replayed; take it in with: pawl "
                "trades import {}",
                file, file);
  }
  auto events = market::read_trade_events(*text, file);
  if (!events) return propagate(events);
  std::erase_if(*events, [&](const market::TradeEvent& event) {
    const TimeMs at = market::time_of(event);
    return (span.from && at < *span.from) || (span.to && at >= *span.to);
  });
  return events;
}

Result<std::string> trade_dataset_csv(const recipe::Recipe& recipe, store::Store& store, TimeMs as_of) {
  auto closed = store.trades().closed(recipe.line_of(recipe.symbols.front()));
  if (!closed) return propagate(closed);
  std::string csv =
      fmt::format("id,known_at,{},label,pnl_pct,label_known_at\n", fmt::join(datasets::trade_columns(), ","));
  for (const Trade& trade : *closed) {
    if (trade.close->at > as_of) continue;
    csv += fmt::format("{},{},{},{},{},{}\n", trade.signal.id, format_time(trade.signal.at),
                       fmt::join(datasets::trade_row(trade.signal), ","), trade.close->profitable ? 1 : 0,
                       trade.close->pnl_pct, format_time(trade.close->at));
  }
  return csv;
}

int trades_import_command(const CommonOptions& common, const TradesOptions& options) {
  return finish(import_all(common, options), common);
}
int trades_export_command(const CommonOptions& common, const TradesOptions& options) {
  return finish(export_all(common, options), common);
}
int trades_make_command(const CommonOptions& common, const TradesOptions& options) {
  return finish(make_trades(common, options), common);
}

}  // namespace pawl::app
