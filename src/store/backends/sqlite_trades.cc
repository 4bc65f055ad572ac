#include "store/backends/sqlite_trades.h"

#include <algorithm>
#include <cmath>

namespace pawl::store::sqlite {
namespace {

// A query for the columns that trade_of() reads, in its order.
std::string select(std::string_view condition) {
  return fmt::format(
      "SELECT number, line, id, symbol, side, opened_at, entry_price, rsi, macd, macd_signal, adx, atr, "
      "ema_fast, ema_slow, volume, version, p_profit, allowed, closed_at, exit_price, pnl_pct, profitable "
      "FROM trades WHERE {}",
      condition);
}

Trade trade_of(const Cursor& row) {
  Trade trade;
  trade.number = row.integer(0);
  trade.line = row.text(1);
  trade.signal.id = row.text(2);
  trade.signal.symbol = row.text(3);
  trade.signal.side = static_cast<Side>(row.integer(4));
  trade.signal.at = row.integer(5);
  trade.signal.entry_price = row.real(6);
  int column = 7;
  for (double& value : trade.signal.indicators) value = row.real(column++);
  trade.version = {row.integer(column++)};
  trade.p_profit = row.real(column++);
  trade.allowed = row.integer(column++) != 0;
  if (!row.is_null(column)) {
    trade.close = {.id = trade.signal.id,
                   .at = row.integer(column),
                   .exit_price = row.real(column + 1),
                   .pnl_pct = row.real(column + 2),
                   .profitable = row.integer(column + 3) != 0};
  }
  return trade;
}

Status check(const Trade& trade) {
  const TradeSignal& signal = trade.signal;
  if (trade.line.empty() || signal.id.empty()) {
    return fail(ErrorCode::invalid_argument, "a trade needs a line and an id of its own");
  }
  if (signal.side == Side::hold) {
    return fail(ErrorCode::invalid_argument, "{}: trade `{}` is neither BUY nor SELL", trade.line, signal.id);
  }
  const auto finite = [](double value) { return std::isfinite(value); };
  const auto odd = std::find_if_not(signal.indicators.begin(), signal.indicators.end(), finite);
  if (odd != signal.indicators.end()) {
    return fail(ErrorCode::invalid_argument, "{}: trade `{}` has a {} that is no number", trade.line,
                signal.id, kTradeIndicators[static_cast<std::size_t>(odd - signal.indicators.begin())]);
  }
  if (!finite(signal.entry_price) || !finite(trade.p_profit)) {
    return fail(ErrorCode::invalid_argument, "{}: trade `{}` has a price or a chance that is no number",
                trade.line, signal.id);
  }
  return {};
}

}  // namespace

Trades::Trades(Session& session)
    : session_(session),
      insert_(session.db(),
              "INSERT INTO trades (line, id, symbol, side, opened_at, entry_price, rsi, macd, macd_signal, "
              "adx, atr, ema_fast, ema_slow, volume, version, p_profit, allowed) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"),
      close_(session.db(),
             "UPDATE trades SET closed_at = ?3, exit_price = ?4, pnl_pct = ?5, profitable = ?6 "
             "WHERE line = ?1 AND id = ?2"),
      find_(session.db(), select("line = ?1 AND id = ?2")),
      read_(session.db(), select("number > ?1 ORDER BY number LIMIT ?2")),
      read_line_(session.db(), select("number > ?1 AND line = ?3 ORDER BY number LIMIT ?2")),
      closed_(session.db(), select("line = ?1 AND closed_at IS NOT NULL ORDER BY closed_at, number")),
      count_(session.db(), "SELECT count(*) FROM trades"),
      count_line_(session.db(), "SELECT count(*) FROM trades WHERE line = ?1") {}

Result<std::int64_t> Trades::open(const Trade& trade) {
  if (Status valid = check(trade); !valid) return propagate(valid);
  std::int64_t number = 0;
  const Status opened = session_.transaction([&]() -> Status {
    const auto there = find(trade.line, trade.signal.id);
    if (!there) return propagate(there);
    if (*there) {
      return fail(ErrorCode::conflict, "{} has a trade `{}` already, opened at {}", trade.line,
                  trade.signal.id, format_time((*there)->signal.at));
    }
    const TradeSignal& signal = trade.signal;
    const auto& x = signal.indicators;
    static_assert(kTradeIndicators.size() == 8);
    Status inserted = insert_.run(trade.line, signal.id, signal.symbol, static_cast<int>(signal.side),
                                  signal.at, signal.entry_price, x[0], x[1], x[2], x[3], x[4], x[5], x[6],
                                  x[7], trade.version.value, trade.p_profit, trade.allowed);
    number = session_.db().last_insert_id();
    return inserted;
  });
  if (!opened) return propagate(opened);
  return number;
}

Status Trades::close(const LineId& line, const TradeClose& close) {
  if (!std::isfinite(close.exit_price) || !std::isfinite(close.pnl_pct)) {
    return fail(ErrorCode::invalid_argument, "{}: the close of trade `{}` holds what is no number", line,
                close.id);
  }
  return session_.transaction([&]() -> Status {
    const auto there = find(line, close.id);
    if (!there) return propagate(there);
    if (!*there)
      return fail(ErrorCode::not_found, "{} has no trade `{}`: report its open first", line, close.id);
    if ((*there)->close) {
      return fail(ErrorCode::conflict, "{}: trade `{}` is closed already, at {}", line, close.id,
                  format_time((*there)->close->at));
    }
    if (close.at < (*there)->signal.at) {
      return fail(ErrorCode::invalid_argument, "{}: trade `{}` opened at {} and cannot close at {}", line,
                  close.id, format_time((*there)->signal.at), format_time(close.at));
    }
    return close_.run(line, close.id, close.at, close.exit_price, close.pnl_pct, close.profitable);
  });
}

Result<std::optional<Trade>> Trades::find(const LineId& line, std::string_view id) const {
  Cursor row = find_.query(line, id);
  std::optional<Trade> found;
  if (row.next()) found = trade_of(row);
  if (!row.status()) return propagate(row.status());
  return found;
}

Result<std::vector<Trade>> Trades::read_after(std::int64_t cursor, std::size_t limit,
                                              std::string_view line) const {
  std::vector<Trade> trades;
  Cursor row = line.empty() ? read_.query(cursor, limit) : read_line_.query(cursor, limit, line);
  while (row.next()) trades.push_back(trade_of(row));
  if (!row.status()) return propagate(row.status());
  return trades;
}

Result<std::vector<Trade>> Trades::closed(const LineId& line) const {
  std::vector<Trade> trades;
  Cursor row = closed_.query(line);
  while (row.next()) trades.push_back(trade_of(row));
  if (!row.status()) return propagate(row.status());
  return trades;
}

Result<std::int64_t> Trades::count(std::string_view line) const {
  Cursor row = line.empty() ? count_.query() : count_line_.query(line);
  const std::int64_t count = row.next() ? row.integer(0) : 0;
  if (!row.status()) return propagate(row.status());
  return count;
}

}  // namespace pawl::store::sqlite
