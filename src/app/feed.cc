#include "app/feed.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/files.h"
#include "loop/outside_columns.h"
#include "loop/replay.h"
#include "market/outside_csv.h"
#include "market/sources.h"

namespace pawl::app {

namespace {

// The bars within the span, and within the market's sessions where the recipe asks for that.
BarSeries cut_bars(const BarSeries& bars, const recipe::Recipe& recipe, const FeedSpan& span,
                   std::int64_t& outside_session) {
  BarSeries kept;
  kept.reserve(bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const TimeMs open_time = bars.open_time(i);
    if ((span.from && open_time < *span.from) || (span.to && open_time >= *span.to)) continue;
    if (recipe.outside_session_dropped && !recipe.calendar.trades_within(open_time, open_time + 1)) {
      ++outside_session;
      continue;
    }
    kept.append(bars[i]);
  }
  return kept;
}

Status add_bars(const recipe::Recipe& recipe, const FeedSpan& span, market::DataSource& source, Feed& feed,
                const ProgressSink& progress) {
  std::optional<Error> missing;
  bool any = false;
  for (const Symbol& symbol : recipe.symbols) {
    auto delivery = source.fetch({symbol, recipe.base, recipe.calendar, recipe.bad_rows_skipped}, progress);
    if (!delivery && delivery.error().code == ErrorCode::not_found && recipe.symbols.size() > 1) {
      missing = delivery.error();
      feed.notes.push_back(fmt::format("{}: no bars were given, it takes no part", symbol.given()));
      feed.series.emplace_back();
      continue;
    }
    if (!delivery) return propagate(delivery);
    std::int64_t outside_session = 0;
    feed.series.push_back(cut_bars(delivery->bars, recipe, span, outside_session));
    any = any || !feed.series.back().empty();
    feed.gaps += static_cast<std::int64_t>(delivery->gaps.size());
    feed.bad_rows += delivery->bad_rows;
    for (const std::string& note : delivery->notes) {
      // Of many markets with a like note only the first few are of use to a reader.
      if (feed.notes.size() < 40) feed.notes.push_back(note);
    }
    if (outside_session > 0) {
      feed.notes.push_back(
          fmt::format("{}: {} bars outside its sessions were left out", symbol.given(), outside_session));
    }
    if (feed.series.back().empty()) {
      feed.notes.push_back(fmt::format("{}: no bar lies in the span that is looked at", symbol.given()));
    }
  }
  if (any) return {};
  if (missing) return std::unexpected(*missing);
  return fail(ErrorCode::insufficient_data, "there is not one bar; look at --bars, --from and --to");
}

bool is_own(const recipe::Recipe& recipe, const Symbol& market) {
  return std::ranges::find(recipe.symbols, market) != recipe.symbols.end();
}

// Closes of other markets, and what the features read of markets that are none of the recipe's own (those the
// joiner follows by itself). Each market is read once.
Status add_outside_bars(const recipe::Recipe& recipe, const FeedSpan& span, market::DataSource& source,
                        Feed& feed, const ProgressSink& progress) {
  using Kind = recipe::OutsideSeries::Kind;
  std::map<Symbol, std::vector<const recipe::OutsideSeries*>> by_market;
  for (const recipe::OutsideSeries& series : recipe.outside) {
    if (series.kind != Kind::bars && series.kind != Kind::market) continue;
    const auto market = Symbol::parse(series.of);
    if (!market) return within(fmt::format("outside: {}", series.name), market.error());
    if (series.kind == Kind::market && is_own(recipe, *market)) continue;
    by_market[*market].push_back(&series);
  }
  for (const auto& [market, wanted] : by_market) {
    auto delivery = source.fetch({market, recipe.base, recipe.calendar, recipe.bad_rows_skipped}, progress);
    if (!delivery && delivery.error().code == ErrorCode::not_found) {
      for (const recipe::OutsideSeries* series : wanted) {
        feed.notes.push_back(
            fmt::format("no bars of {} were given: {} is missing everywhere", series->of, series->name));
      }
      continue;
    }
    if (!delivery) return propagate(delivery);
    const std::size_t count = span.to ? delivery->bars.count_opened_before(*span.to) : delivery->bars.size();
    for (const recipe::OutsideSeries* series : wanted) {
      if (series->kind != Kind::bars) continue;
      std::vector<loop::OutsidePoint>& points = feed.outside[{series->name, ""}];
      for (std::size_t i = 0; i < count; ++i) {
        points.push_back({delivery->bars.close_time(i) + series->delay_ms, delivery->bars.close(i)});
      }
    }
    if (is_own(recipe, market)) continue;
    loop::OtherMarket(recipe, market).take(delivery->bars.block(0, count), feed.outside);
  }
  return {};
}

// Whether a series is made of values in files, under the name that the files have for them.
bool is_of_files(recipe::OutsideSeries::Kind kind) {
  using Kind = recipe::OutsideSeries::Kind;
  return kind == Kind::series || kind == Kind::filing || kind == Kind::filing_age ||
         kind == Kind::decayed_sum || kind == Kind::decayed_mean || kind == Kind::window_sum;
}

Status add_outside_files(const recipe::Recipe& recipe, Feed& feed) {
  RealFileSystem files;
  // By what the files call it; several series may be made of one.
  std::multimap<std::string, const recipe::OutsideSeries*> wanted;
  for (const recipe::OutsideSeries& series : recipe.outside) {
    if (is_of_files(series.kind)) wanted.emplace(series.of, &series);
  }
  std::map<std::string, std::int64_t> found;
  for (const std::string& file : recipe.outside_files) {
    auto bytes = files.read(file);
    if (!bytes) return propagate(bytes);
    auto values = market::parse_outside_csv(*bytes, file);
    if (!values) return propagate(values);
    for (const market::OutsideValue& value : *values) {
      const auto [first, last] = wanted.equal_range(value.name);
      for (auto series = first; series != last; ++series) {
        const std::int64_t lag = series->second->kind == recipe::OutsideSeries::Kind::series
                                     ? series->second->release_business_days
                                     : 0;
        const TimeMs known_at = value.is_date ? market::released_at(value.date, lag) : value.date;
        feed.outside[{series->second->name, value.symbol}].push_back({known_at, value.value});
        ++found[value.name];
      }
    }
  }
  for (const auto& [name, series] : wanted) {
    if (found[name] > 0) continue;
    feed.notes.push_back(
        fmt::format("no value of {} was given: {} is missing everywhere", name, series->name));
  }
  return {};
}

}  // namespace

std::optional<TimeMs> Feed::first_open() const {
  std::optional<TimeMs> first;
  for (const BarSeries& bars : series) {
    if (!bars.empty() && (!first || bars.open_time(0) < *first)) first = bars.open_time(0);
  }
  return first;
}

Result<Feed> fetch_feed(const recipe::Recipe& recipe, const FeedSpan& span, const ProgressSink& progress) {
  const market::DataSourceKind* kind = market::find_data_source_kind(recipe.source.kind);
  auto source = kind->make(recipe.source.settings);
  if (!source) return propagate(source);
  Feed feed;
  if (Status bars = add_bars(recipe, span, **source, feed, progress); !bars) return propagate(bars);
  if (Status bars = add_outside_bars(recipe, span, **source, feed, progress); !bars) return propagate(bars);
  if (Status values = add_outside_files(recipe, feed); !values) return propagate(values);
  return feed;
}

Result<std::vector<BarSeries>> join_feed(const recipe::Recipe& recipe, const Feed& feed) {
  if (recipe.outside.empty()) return feed.series;
  std::vector<BarSeries> series(feed.series.size(), BarSeries(recipe.outside.size()));
  loop::Joiner joiner(recipe, feed.outside);
  const Status joined = loop::for_each_batch(feed.series, [&](const loop::BarBatch& batch) -> Status {
    const std::vector<std::vector<double>> values = joiner.join(batch.items);
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
      series[batch.items[i].symbol].append(batch.items[i].bar, values[i]);
    }
    return {};
  });
  if (!joined) return propagate(joined);
  return series;
}

Result<std::vector<store::BarAppend>> store_feed(const recipe::Recipe& recipe, const Feed& feed,
                                                 store::Store& store, TimeMs now) {
  const auto series = join_feed(recipe, feed);
  if (!series) return propagate(series);
  if (Status same = loop::remember_outside_columns(recipe, store); !same) return propagate(same);
  std::vector<store::BarAppend> totals(series->size());
  for (std::size_t i = 0; i < series->size(); ++i) {
    const BarSeries& bars = (*series)[i];
    const std::string& symbol = recipe.symbols[i].canonical();
    std::vector<double> joined(bars.joined_columns());
    for (std::size_t k = 0; k < bars.size(); ++k) {
      const Bar bar = bars[k];
      for (std::size_t column = 0; column < joined.size(); ++column) joined[column] = bars.joined(column, k);
      auto appended = joined.empty() ? store.bars().append(symbol, recipe.base, std::span(&bar, 1), now)
                                     : store.bars().append_joined(symbol, recipe.base, bar, joined, now);
      if (!appended) return propagate(appended);
      totals[i].added += appended->added;
      totals[i].duplicates += appended->duplicates;
      totals[i].revised += appended->revised;
    }
  }
  if (Status flushed = store.flush(); !flushed) return propagate(flushed);
  return totals;
}

}  // namespace pawl::app
