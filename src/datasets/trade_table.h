// A bot's closed trades as rows to learn from and to be judged by: what it knew at its entry, its side, and
// whether it paid. One assembly for training, contest and serving.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "datasets/scoring_columns.h"
#include "domain/trade.h"

namespace pawl::datasets {

// The indicators, then the side as 1 (BUY) or -1 (SELL).
inline constexpr std::size_t kTradeColumns = kTradeIndicators.size() + 1;
std::vector<std::string> trade_columns();  // kTradeIndicators and kTradeSideColumn
// The row that a model is asked about for a signal.
std::array<double, kTradeColumns> trade_row(const TradeSignal& signal);

struct TradeTable {
  std::vector<std::string> columns = trade_columns();
  std::vector<double> values;  // row-major
  std::vector<TimeMs> known_at, label_known_at;
  std::vector<int> classes;     // 1 profitable, 0 not, as the bot says
  std::vector<double> pnl_pct;  // after costs

  std::size_t size() const { return known_at.size(); }
  void add(const TradeSignal& signal, const TradeClose& close);
  // The given rows, in the given order.
  TradeTable select(std::span<const std::size_t> rows) const;
};

// The closed ones among the trades, in their order.
TradeTable trade_table(std::span<const Trade> trades);

// What scoring needs of the given rows: each trade is a position of its own, from 1 to 1 + its return, that
// is never carried on to the next. Its costs are in it already.
ScoringColumns scoring_columns(const TradeTable& trades, std::span<const std::size_t> rows);
// The rules that go with them; a year holds as many rows as come a year between the first and the last.
judging::ScoringRules trade_rules(const TradeTable& trades, std::span<const std::size_t> rows);
// The scores of probabilities (two a row) that some model gave for those rows.
Scorecard score_trades(std::span<const double> probabilities, const TradeTable& trades,
                       std::span<const std::size_t> rows, const judging::SignalRule& signal);

}  // namespace pawl::datasets
