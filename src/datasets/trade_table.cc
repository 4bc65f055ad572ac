#include "datasets/trade_table.h"

#include <algorithm>

namespace pawl::datasets {

namespace {
// What is left of 1 by a trade that lost all of its entry, or more on borrowed money: prices are above zero.
constexpr double kAllLost = 1e-9;
}  // namespace

std::vector<std::string> trade_columns() {
  std::vector<std::string> columns(kTradeIndicators.begin(), kTradeIndicators.end());
  columns.emplace_back(kTradeSideColumn);
  return columns;
}

std::array<double, kTradeColumns> trade_row(const TradeSignal& signal) {
  std::array<double, kTradeColumns> row{};
  std::copy(signal.indicators.begin(), signal.indicators.end(), row.begin());
  row.back() = static_cast<double>(signal.side);
  return row;
}

void TradeTable::add(const TradeSignal& signal, const TradeClose& close) {
  const auto row = trade_row(signal);
  values.insert(values.end(), row.begin(), row.end());
  known_at.push_back(signal.at);
  label_known_at.push_back(close.at);
  classes.push_back(close.profitable ? 1 : 0);
  pnl_pct.push_back(close.pnl_pct);
}

TradeTable TradeTable::select(std::span<const std::size_t> rows) const {
  TradeTable chosen;
  chosen.columns = columns;
  const std::size_t width = columns.size();
  for (const std::size_t row : rows) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(row * width);
    chosen.values.insert(chosen.values.end(), from, from + static_cast<std::ptrdiff_t>(width));
    chosen.known_at.push_back(known_at[row]);
    chosen.label_known_at.push_back(label_known_at[row]);
    chosen.classes.push_back(classes[row]);
    chosen.pnl_pct.push_back(pnl_pct[row]);
  }
  return chosen;
}

TradeTable trade_table(std::span<const Trade> trades) {
  TradeTable table;
  for (const Trade& trade : trades) {
    if (trade.close) table.add(trade.signal, *trade.close);
  }
  return table;
}

ScoringColumns scoring_columns(const TradeTable& trades, std::span<const std::size_t> rows) {
  ScoringColumns columns;
  for (const std::size_t row : rows) {
    const double gross_return = trades.pnl_pct[row] / 100;
    columns.labels.push_back({.cls = trades.classes[row],
                              .gross_return = gross_return,
                              .known_at = trades.label_known_at[row],
                              .exit_bar = row});
    columns.known_at.push_back(trades.known_at[row]);
    columns.next_open.push_back(1);
    columns.next_next_open.push_back(std::max(1 + gross_return, kAllLost));
    columns.contiguous.push_back(0);
  }
  return columns;
}

judging::ScoringRules trade_rules(const TradeTable& trades, std::span<const std::size_t> rows) {
  constexpr double kYearMs = 365.25 * static_cast<double>(kDayMs);
  judging::ScoringRules rules{.costs = {}, .horizon_bars = 1, .bars_per_year = 1};
  if (rows.empty()) return rules;
  TimeMs first = trades.known_at[rows.front()], last = trades.label_known_at[rows.front()];
  for (const std::size_t row : rows) {
    first = std::min(first, trades.known_at[row]);
    last = std::max(last, trades.label_known_at[row]);
  }
  if (last > first) {
    rules.bars_per_year = static_cast<double>(rows.size()) * kYearMs / static_cast<double>(last - first);
  }
  return rules;
}

Scorecard score_trades(std::span<const double> probabilities, const TradeTable& trades,
                       std::span<const std::size_t> rows, const judging::SignalRule& signal) {
  return score_rows(probabilities, 2, scoring_columns(trades, rows), signal, trade_rules(trades, rows));
}

}  // namespace pawl::datasets
