#include "loop/import_trades.h"

#include <map>

#include "base/hash.h"
#include "datasets/trade_table.h"
#include "serving/live_model.h"

namespace pawl::loop {

namespace {

bool same(const TradeSignal& a, const TradeSignal& b) {
  return a.symbol == b.symbol && a.side == b.side && a.at == b.at && a.entry_price == b.entry_price &&
         a.indicators == b.indicators;
}

bool same(const TradeClose& a, const TradeClose& b) {
  return a.at == b.at && a.exit_price == b.exit_price && a.pnl_pct == b.pnl_pct &&
         a.profitable == b.profitable;
}

class Importer {
 public:
  Importer(const recipe::Recipe& recipe, store::Store& store) : recipe_(recipe), store_(store) {}

  Status begin(registry::Registry& registry) {
    line_ = recipe_.line_of(recipe_.symbols.front());
    auto rules = registry.load(line_, {0});
    if (!rules) return propagate(rules);
    rules_ = std::move(*rules);
    return {};
  }

  Status take(TradeSignal signal) {
    auto there = store_.trades().find(line_, signal.id);
    if (!there) return propagate(there);
    if (*there) {
      if (!same((*there)->signal, signal)) {
        return fail(ErrorCode::conflict, "{}: there is another trade `{}`, opened at {}", line_, signal.id,
                    format_time((*there)->signal.at));
      }
      ++done_.known;
      return {};
    }
    const Prediction said = serving::predict(*rules_, datasets::trade_row(signal), recipe_.signal);
    ++done_.opened;
    auto number = store_.trades().open({.line = line_,
                                        .signal = std::move(signal),
                                        .version = said.version,
                                        .p_profit = said.p_up,
                                        .allowed = true});
    return number ? Status() : propagate(number);
  }

  Status take(const TradeClose& close) {
    auto there = store_.trades().find(line_, close.id);
    if (!there) return propagate(there);
    if (*there && (*there)->close && same(*(*there)->close, close)) {
      ++done_.known;
      return {};
    }
    ++done_.closed;
    return store_.trades().close(line_, close);
  }

  Result<std::string> canonical(std::string_view given) const {
    auto symbol = Symbol::parse(given);
    if (!symbol) return propagate(symbol);
    for (const Symbol& one : recipe_.symbols) {
      if (one == *symbol) return one.canonical();
    }
    return fail(ErrorCode::invalid_argument, "{}: the recipe {} has no such symbol; add it to its `symbols`",
                given, recipe_.name);
  }

  const TradeImport& done() const { return done_; }

 private:
  const recipe::Recipe& recipe_;
  store::Store& store_;
  LineId line_;
  serving::LiveModel::Handle rules_;
  TradeImport done_;
};

}  // namespace

Result<TradeImport> import_trades(const recipe::Recipe& recipe, store::Store& store,
                                  registry::Registry& registry, std::span<const market::TradeEvent> events) {
  Importer importer(recipe, store);
  if (Status begun = importer.begin(registry); !begun) return propagate(begun);
  const Status done = store.transaction([&]() -> Status {
    for (const market::TradeEvent& event : events) {
      if (const auto* close = std::get_if<TradeClose>(&event)) {
        if (Status taken = importer.take(*close); !taken) return taken;
        continue;
      }
      TradeSignal signal = std::get<TradeSignal>(event);
      auto symbol = importer.canonical(signal.symbol);
      if (!symbol) return within(fmt::format("trade `{}`", signal.id), symbol.error());
      signal.symbol = std::move(*symbol);
      if (Status taken = importer.take(std::move(signal)); !taken) return taken;
    }
    return {};
  });
  if (!done) return propagate(done);
  return importer.done();
}

Result<TradeImport> import_training_rows(const recipe::Recipe& recipe, store::Store& store,
                                         registry::Registry& registry, std::span<const market::TradeRow> rows,
                                         TimeMs now) {
  constexpr std::size_t kDigits = 16;
  Importer importer(recipe, store);
  if (Status begun = importer.begin(registry); !begun) return propagate(begun);
  const LineId line = recipe.line_of(recipe.symbols.front());
  TradeImport import;
  std::map<std::string, int> seen;  // of lines that are in the file more than once
  const Status done = store.transaction([&]() -> Status {
    TimeMs at = now - static_cast<TimeMs>(rows.size());
    for (const market::TradeRow& row : rows) {
      const std::string content = sha256_hex(market::trades_csv_line(row)).substr(0, kDigits);
      const std::string id = fmt::format("csv-{}-{}", content, ++seen[content]);
      ++at;
      auto there = store.trades().find(line, id);
      if (!there) return propagate(there);
      if (*there) {
        ++import.known;
        continue;
      }
      if (Status opened = importer.take(TradeSignal{.id = id,
                                                    .symbol = recipe.symbols.front().canonical(),
                                                    .side = row.side,
                                                    .at = at,
                                                    .entry_price = 0,
                                                    .indicators = row.indicators});
          !opened) {
        return opened;
      }
      const TradeClose close{.id = id, .at = at, .exit_price = 0, .pnl_pct = 0, .profitable = row.profitable};
      if (Status closed = importer.take(close); !closed) return closed;
    }
    return {};
  });
  if (!done) return propagate(done);
  import.opened = importer.done().opened;
  import.closed = importer.done().closed;
  return import;
}

}  // namespace pawl::loop
