// A bot asks, and reports what became of it: the trade filter's side of the loop.
#include <algorithm>
#include <cassert>
#include <utility>

#include "loop/loop.h"

namespace pawl::loop {

namespace {

std::unexpected<Error> no_filter(const recipe::Recipe& recipe) {
  return fail(ErrorCode::invalid_argument,
              "the recipe {} filters no trades: it has no `trades` section; use one that has, as "
              "config/trade-filter.yaml",
              recipe.name);
}

}  // namespace

Result<TradeAnswer> Loop::signal(const TradeSignal& given) {
  if (trade_line_ == nullptr) return no_filter(recipe_);
  TradeLine& line = *trade_line_;
  const auto symbol = line.find_symbol(given.symbol);
  if (!symbol) return propagate(symbol);
  const TimeMs now = std::max(given.at, this->now());
  if (Status ended = end_due_runs(now); !ended) return propagate(ended);
  rooms_.clock.advance_to(now);
  if (Status settled = settle_late(now); !settled) return propagate(settled);

  const Prediction said = line.ask(given);
  Trade trade{.line = line.id(), .signal = given, .version = said.version, .p_profit = said.p_up};
  trade.signal.symbol = recipe_.symbols[*symbol].canonical();
  // Reported late, it begins where the bars are: on paper it can only be followed over those that come.
  trade.signal.at = std::max(given.at, line.last_bar_close(*symbol).value_or(given.at));
  trade.allowed = allows(recipe_.trades, trade.version, trade.p_profit);
  const Status opened = rooms_.store.transaction([&]() -> Status {
    auto number = rooms_.store.trades().open(trade);
    if (!number) return propagate(number);
    trade.number = *number;
    const TradeLine::Opened taken = line.take_open(trade);
    Json payload = {{"allowed", trade.allowed},
                    {"at", format_time(trade.signal.at)},
                    {"entry_price", json_number(given.entry_price)},
                    {"features", said.features_digest},
                    {"id", given.id},
                    {"number", trade.number},
                    {"on_paper", taken.followed},
                    {"p_profit", json_number(trade.p_profit)},
                    {"side", side_name(given.side)},
                    {"symbol", trade.signal.symbol},
                    {"version", trade.version.text()}};
    if (taken.p_former) {
      payload["former"] = {{"version", line.watch.former().text()},
                           {"p_profit", json_number(*taken.p_former)}};
    }
    return journal_.event("trade_signal", line.id(), now, payload);
  });
  if (!opened) return propagate(opened);
  journal_.decisions().answer(trade, now);
  return TradeAnswer{trade.number, trade.p_profit, trade.allowed, trade.version};
}

Status Loop::close(const TradeClose& close) {
  if (trade_line_ == nullptr) return no_filter(recipe_);
  const Trade* open = trade_line_->find_open(close.id);
  if (open != nullptr && !open->allowed) {
    return fail(ErrorCode::conflict,
                "{}: trade `{}` was refused and is followed on paper, where it closes by itself",
                trade_line_->id(), close.id);
  }
  const TimeMs now = std::max(close.at, this->now());
  if (Status ended = end_due_runs(now); !ended) return ended;
  rooms_.clock.advance_to(now);
  if (Status settled = settle_late(now); !settled) return settled;
  TradeClose taken = close;
  if (open != nullptr) taken.at = std::max(close.at, open->signal.at);
  return settle_trade(taken, "bot", now);
}

Status Loop::settle_trade(const TradeClose& close, std::string_view by, TimeMs now) {
  TradeLine& line = *trade_line_;
  return rooms_.store.transaction([&]() -> Status {
    // The store knows what is open too, and says what is wrong where it is not.
    if (Status closed = rooms_.store.trades().close(line.id(), close); !closed) return closed;
    const Trade* trade = line.find_open(close.id);
    assert(trade != nullptr && "what is open in the store is open in the line");
    const bool collected = recipe_.trades.collect;
    const bool yes = chance_as_said(trade->version, trade->p_profit) >= recipe_.trades.allow_at;
    const Json payload = {{"allowed", trade->allowed},
                          {"at", format_time(close.at)},
                          {"by", by},
                          {"collected", collected},
                          {"exit_price", json_number(close.exit_price)},
                          {"id", close.id},
                          {"number", trade->number},
                          {"p_profit", json_number(trade->p_profit)},
                          {"pnl_pct", json_number(close.pnl_pct)},
                          {"profitable", close.profitable},
                          {"right", yes == close.profitable},
                          {"version", trade->version.text()}};
    if (Status told = journal_.event("trade_close", line.id(), now, payload); !told) return told;
    line.take_close(close, collected);
    return judge_watch(now);
  });
}

Status Loop::step_trades(const BarBatch& batch) {
  if (Status settled = settle_late(batch.close_time); !settled) return settled;
  for (const BarBatch::Item& item : batch.items) {
    if (Status taken = take_trade_bar(item.symbol, item.bar); !taken) return taken;
  }
  if (batch.close_time < begin_at_) return {};
  return check_triggers({0}, batch.close_time, true);
}

Status Loop::take_trade_bar(std::size_t symbol, const Bar& bar) {
  const Symbol& market = recipe_.symbols[symbol];
  if (const auto last_close = trade_line_->last_bar_close(symbol)) {
    if (Status next = expect_next(market, *last_close, bar); !next) return next;
  }
  if (Status stored = journal_.bar(market.canonical(), recipe_.base, bar, {}); !stored) return stored;
  for (const TradeClose& close : trade_line_->take_bar(symbol, bar)) {
    if (Status settled = settle_trade(close, "paper", bar.known_at()); !settled) return settled;
  }
  return {};
}

Status Loop::settle_late(TimeMs now) {
  const std::vector<TradeClose> late = std::exchange(late_closes_, {});
  for (const TradeClose& close : late) {
    if (Status settled = settle_trade(close, "paper", now); !settled) return settled;
  }
  return {};
}

Status Loop::watch_swap(VersionNumber former) {
  auto loaded = rooms_.registry.load(trade_line_->id(), former);
  // Without the version before there is nothing to compare with, and nothing to go back to.
  if (loaded) trade_line_->watch.begin(trade_line_->live()->bundle.number, std::move(*loaded));
  return {};
}

Status Loop::judge_watch(TimeMs now) {
  TradeLine& line = *trade_line_;
  if (!line.watch.on()) return {};
  // Somebody has moved the pointer since, and has decided.
  if (line.watch.version() != line.live()->bundle.number) {
    line.watch.end();
    return {};
  }
  const outcomes::SwapVerdict verdict = line.watch.judge();
  if (verdict.decision == outcomes::SwapDecision::watching) return {};
  if (verdict.decision == outcomes::SwapDecision::roll_back) {
    // Where a person holds the line, nothing moves it, and no hold is made shorter.
    const auto held = rooms_.registry.holds(line.id(), now);
    if (!held) return propagate(held);
    return *held ? Status() : take_back(verdict, now);
  }
  const Status told = journal_.event("watch", line.id(), now,
                                     {{"decision", "stay"},
                                      {"former", line.watch.former().text()},
                                      {"reason", verdict.reason},
                                      {"version", line.watch.version().text()}});
  line.watch.end();
  return told;
}

// The line does not hold afterwards, as it does after a rollback by hand: the next run comes when the
// recipe's period has passed and enough trades have closed, and is judged like any other.
Status Loop::take_back(const outcomes::SwapVerdict& verdict, TimeMs now) {
  TradeLine& line = *trade_line_;
  const VersionNumber from = line.watch.version(), to = line.watch.former();
  auto moved = rooms_.registry.roll_back(line.id(), to, now, "watch", verdict.reason, now);
  if (!moved) return propagate(moved);
  rooms_.log.warn(fmt::format("{}: {} is taken back, {} serves again: {}", line.id(), from.text(), to.text(),
                              verdict.reason));
  journal_.decisions().rollback(line.id(), from, to, now);
  if (Status told = journal_.event("rollback", line.id(), now,
                                   {{"action", "rollback"},
                                    {"actor", "watch"},
                                    {"from", from.text()},
                                    {"to", to.text()},
                                    {"reason", verdict.reason},
                                    {"trades", verdict.trades},
                                    {"new_accuracy", json_number(verdict.new_accuracy.value_or(0))},
                                    {"old_accuracy", json_number(verdict.old_accuracy.value_or(0))}});
      !told) {
    return told;
  }
  line.watch.end();
  auto loaded = rooms_.registry.load(line.id(), to);
  if (!loaded) return propagate(loaded);
  return line.serve(std::move(*loaded));
}

}  // namespace pawl::loop
