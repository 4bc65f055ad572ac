// C4: closed trades as rows, and what a filter over them would have earned, by hand.
#include "datasets/trade_table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pawl::datasets {
namespace {

Trade trade_of(std::string id, Side side, TimeMs opened, double rsi) {
  Trade trade;
  trade.signal = {.id = std::move(id), .symbol = "EUR_USD", .side = side, .at = opened, .entry_price = 1};
  trade.signal.indicators = {rsi, 2, 3, 4, 5, 6, 7, 8};
  return trade;
}

Trade closed(Trade trade, TimeMs at, double pnl_pct) {
  trade.close = {
      .id = trade.signal.id, .at = at, .exit_price = 1, .pnl_pct = pnl_pct, .profitable = pnl_pct > 0};
  return trade;
}

TEST(TradeTable, C3HoldsClosedTradesOnlyWithTheirSide) {
  const std::vector<Trade> trades = {closed(trade_of("a", Side::buy, 1, 55), 9, 0.5),
                                     trade_of("open", Side::buy, 2, 60),
                                     closed(trade_of("b", Side::sell, 3, 70), 4, -0.25)};
  const TradeTable table = trade_table(trades);
  ASSERT_EQ(table.size(), 2u);
  EXPECT_EQ(table.columns, (std::vector<std::string>{"rsi", "macd", "macd_signal", "adx", "atr", "ema_fast",
                                                     "ema_slow", "volume", "signal_type"}));
  EXPECT_EQ(table.values, (std::vector<double>{55, 2, 3, 4, 5, 6, 7, 8, 1, 70, 2, 3, 4, 5, 6, 7, 8, -1}));
  EXPECT_EQ(table.known_at, (std::vector<TimeMs>{1, 3}));
  EXPECT_EQ(table.label_known_at, (std::vector<TimeMs>{9, 4}));
  EXPECT_EQ(table.classes, (std::vector<int>{1, 0}));
  EXPECT_EQ(table.pnl_pct, (std::vector<double>{0.5, -0.25}));
  const auto asked = trade_row(trades[2].signal);
  EXPECT_TRUE(std::equal(asked.begin(), asked.end(), table.values.begin() + 9)) << "asked as it is trained";
}

TEST(TradeTable, C4OnlyAllowedTradesEarnAndEveryRowCountsAsAnAnswer) {
  TradeTable table;
  const std::vector<double> pnl = {2, -1, 3, -4, 0.5};
  for (std::size_t i = 0; i < pnl.size(); ++i) {
    const auto at = static_cast<TimeMs>(i) * kDayMs;
    const Trade trade = closed(trade_of("t", Side::sell, at, 50), at + kDayMs, pnl[i]);
    table.add(trade.signal, *trade.close);
  }
  // Allowed: the first two and the third; the others are refused.
  const std::vector<double> probabilities = {0.4, 0.6, 0.5, 0.5, 0.1, 0.9, 0.6, 0.4, 0.7, 0.3};
  const std::vector<std::size_t> rows = {0, 1, 2, 3, 4};
  const judging::SignalRule allow{.kind = judging::SignalRule::Kind::allow, .min_probability = 0.5};
  const Scorecard scores = score_trades(probabilities, table, rows, allow);
  EXPECT_NEAR(*scores.get("accuracy"), 3.0 / 5, 1e-12);  // wrong on the second and the last
  EXPECT_NEAR(*scores.get("precision"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(*scores.get("recall"), 2.0 / 3, 1e-12);
  EXPECT_EQ(*scores.get("signals"), 3);
  EXPECT_NEAR(*scores.get("win_rate"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(*scores.get("total_return"), 1.02 * 0.99 * 1.03 - 1, 1e-12);
  EXPECT_NEAR(*scores.get("profit_factor"), 5.0, 1e-9);
  // Five trades in five days: the Sharpe ratio is a year's.
  const std::vector<double> returns = {0.02, -0.01, 0.03, 0, 0};
  double mean = 0, squares = 0;
  for (const double one : returns) mean += one / 5;
  for (const double one : returns) squares += (one - mean) * (one - mean) / 4;
  EXPECT_NEAR(*scores.get("sharpe"), mean / std::sqrt(squares) * std::sqrt(365.25), 1e-9);
}

TEST(TradeTable, C4ATradeThatLostMoreThanAllEndsTheAccount) {
  TradeTable table;
  const Trade ruin = closed(trade_of("t", Side::buy, 0, 50), kDayMs, -150);
  table.add(ruin.signal, *ruin.close);
  const std::vector<double> probabilities = {0.4, 0.6};
  const std::vector<std::size_t> rows = {0};
  const judging::SignalRule allow{.kind = judging::SignalRule::Kind::allow, .min_probability = 0.5};
  EXPECT_NEAR(*score_trades(probabilities, table, rows, allow).get("total_return"), -1, 1e-6);
}

}  // namespace
}  // namespace pawl::datasets
