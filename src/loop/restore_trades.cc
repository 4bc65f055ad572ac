// A trade filter's past, read back from the trades, the bars and the promotions of its store.
#include <algorithm>
#include <limits>
#include <set>

#include "loop/loop.h"

namespace pawl::loop {

namespace {

constexpr std::size_t kPage = 10'000;

Result<std::vector<Trade>> read_trades(store::Store& store, const LineId& line) {
  std::vector<Trade> trades;
  for (std::int64_t cursor = 0;;) {
    auto page = store.trades().read_after(cursor, kPage, line);
    if (!page) return propagate(page);
    if (page->empty()) return trades;
    cursor = page->back().number;
    std::move(page->begin(), page->end(), std::back_inserter(trades));
  }
}

// Numbers of the trades that closed while none were collected.
Result<std::set<std::int64_t>> read_uncollected(store::Store& store, const LineId& line) {
  std::set<std::int64_t> numbers;
  for (std::int64_t cursor = 0;;) {
    auto page = store.events().read_after(cursor, kPage, "trade_close");
    if (!page) return propagate(page);
    if (page->empty()) return numbers;
    cursor = page->back().ingest_seq;
    for (const Event& event : *page) {
      if (event.line != line) continue;
      const auto payload = parse_json(event.payload);
      if (!payload) return within("a trade_close event", payload.error());
      const auto collected = json_bool(*payload, "collected");
      const auto number = json_int(*payload, "number");
      if (!collected || !number) return fail(ErrorCode::corrupt, "a trade_close event without its fields");
      if (!*collected) numbers.insert(*number);
    }
  }
}

}  // namespace

Status Loop::restore_trades(const ProgressSink& progress) {
  TradeLine& line = *trade_line_;
  auto trades = read_trades(rooms_.store, line.id());
  if (!trades) return propagate(trades);
  const auto uncollected = read_uncollected(rooms_.store, line.id());
  if (!uncollected) return propagate(uncollected);
  // First of all, so that the trades since its swap find it.
  if (Status watched = restore_watch(); !watched) return watched;
  for (const Trade& trade : *trades) line.take_open(trade);
  auto closed = rooms_.store.trades().closed(line.id());
  if (!closed) return propagate(closed);
  for (const Trade& trade : *closed) line.take_close(*trade.close, !uncollected->contains(trade.number));
  // Judged in the transaction of the close that decided it: had it gone badly, another version would serve.
  if (line.watch.judge().decision != outcomes::SwapDecision::watching) line.watch.end();
  if (Status bars = restore_trade_bars(progress); !bars) return bars;
  rooms_.clock.advance_to(line.newest_known_at());
  if (const auto newest = line.newest_bar_close()) rooms_.clock.advance_to(*newest);
  return {};
}

Status Loop::restore_watch() {
  TradeLine& line = *trade_line_;
  auto log = rooms_.registry.history(line.id());
  if (!log) return propagate(log);
  if (log->empty()) return {};
  const store::PromotionRow& last = log->back();
  const bool by_run = last.action == "promote" && last.actor.starts_with("run");
  if (!by_run || !last.from || last.to != line.live()->bundle.number) return {};
  return watch_swap(*last.from);
}

Status Loop::restore_trade_bars(const ProgressSink& progress) {
  TradeLine& line = *trade_line_;
  for (std::size_t i = 0; i < recipe_.symbols.size(); ++i) {
    const Symbol& symbol = recipe_.symbols[i];
    auto bars =
        rooms_.store.bars().read(symbol.canonical(), recipe_.base, std::numeric_limits<TimeMs>::min(),
                                 std::numeric_limits<TimeMs>::max(), store::BarStore::Revision::first);
    if (!bars) return propagate(bars);
    for (std::size_t k = 0; k < bars->size(); ++k) {
      // Bars that were imported have ended signals without anybody's seeing it.
      for (TradeClose& close : line.take_bar(i, (*bars)[k])) late_closes_.push_back(std::move(close));
      if (progress && k % kPage == 0) progress({k, bars->size(), symbol.given()});
    }
  }
  std::stable_sort(late_closes_.begin(), late_closes_.end(),
                   [](const TradeClose& a, const TradeClose& b) { return a.at < b.at; });
  return {};
}

}  // namespace pawl::loop
