// C6: refused signals are followed on paper, and each ends exactly once.
#include "outcomes/paper_trades.h"

#include <gtest/gtest.h>

#include <map>

#include "support/walk_bars.h"

namespace pawl::outcomes {
namespace {

constexpr labels::BracketRules kRules{.stop_atr = 1.5, .target_atr = 2.0, .bars_max = 48};
constexpr Costs kCosts{.per_side_bp = 1};

TradeSignal refused(std::string id, Side side, TimeMs at, double price, double atr) {
  TradeSignal signal{.id = std::move(id), .symbol = "EUR_USD", .side = side, .at = at, .entry_price = price};
  signal.indicators[4] = atr;
  return signal;
}

Bar bar(TimeMs open_time, double open, double high, double low) {
  return {.open_time = open_time,
          .close_time = open_time + kHourMs,
          .open = open,
          .high = high,
          .low = low,
          .close = open,
          .volume = 1};
}

TEST(PaperTrades, C6ASignalEndsAtItsOwnStopOrTarget) {
  PaperTrades paper(kRules, kCosts);
  ASSERT_TRUE(paper.follow(refused("buy", Side::buy, 0, 100, 1)));
  ASSERT_TRUE(paper.follow(refused("sell", Side::sell, 0, 100, 2)));
  EXPECT_TRUE(paper.step(bar(0, 100, 101, 99)).empty());
  const auto first = paper.step(bar(kHourMs, 101, 102, 100));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].id, "buy");
  EXPECT_EQ(first[0].at, 2 * kHourMs) << "known at the bar's close";
  EXPECT_EQ(first[0].exit_price, 102);
  EXPECT_NEAR(first[0].pnl_pct, 2 - 0.02, 1e-12);
  EXPECT_TRUE(first[0].profitable);
  const auto second = paper.step(bar(2 * kHourMs, 102, 104, 95));
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].exit_price, 103) << "a bar that touches both ends at the stop";
  EXPECT_FALSE(second[0].profitable);
  EXPECT_EQ(paper.open(), 0u);
}

TEST(PaperTrades, C6BarsBeforeTheSignalAreNotItsOwn) {
  PaperTrades paper(kRules, kCosts);
  ASSERT_TRUE(paper.follow(refused("1", Side::buy, kHourMs + 1, 100, 1)));
  EXPECT_TRUE(paper.step(bar(0, 100, 110, 90)).empty());
  EXPECT_TRUE(paper.step(bar(kHourMs, 100, 110, 90)).empty()) << "it began before the signal";
  EXPECT_EQ(paper.step(bar(2 * kHourMs, 100, 102, 99)).size(), 1u);
}

TEST(PaperTrades, C6WhatCannotBeFollowedIsRefused) {
  PaperTrades paper(kRules, kCosts);
  ASSERT_TRUE(paper.follow(refused("1", Side::buy, 0, 100, 1)));
  EXPECT_EQ(paper.follow(refused("1", Side::buy, 0, 100, 1)).error().code, ErrorCode::conflict);
  EXPECT_EQ(paper.follow(refused("2", Side::buy, 0, 100, 0)).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(paper.follow(refused("3", Side::hold, 0, 100, 1)).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(paper.open(), 1u);
}

// A process that goes after any bar and comes back from the store gives the same closes, each once.
TEST(PaperTrades, C6ARestartAfterAnyBarChangesNothing) {
  const BarSeries bars = test::walk_bars(5, 300);
  std::vector<TradeSignal> signals;
  for (std::size_t i = 0; i < bars.size(); i += 7) {
    signals.push_back(refused(fmt::format("{}", i), i % 2 == 0 ? Side::buy : Side::sell, bars.open_time(i),
                              bars.open(i), 0.01 * bars.open(i)));
  }
  // What the store would hold: every close by id, after all bars but for the restart at `gone`.
  const auto run = [&](std::size_t gone) {
    std::map<std::string, TradeClose> closed;
    auto paper = std::make_unique<PaperTrades>(kRules, kCosts);
    const auto take = [&](std::size_t i) {
      for (const TradeClose& close : paper->step(bars[i])) {
        EXPECT_TRUE(closed.emplace(close.id, close).second) << close.id << " ended twice";
      }
    };
    for (std::size_t i = 0; i < bars.size(); ++i) {
      for (const TradeSignal& signal : signals) {
        if (signal.at == bars.open_time(i)) {
          EXPECT_TRUE(paper->follow(signal));
        }
      }
      take(i);
      if (i != gone) continue;
      paper = std::make_unique<PaperTrades>(kRules, kCosts);
      for (const TradeSignal& signal : signals) {
        if (signal.at <= bars.open_time(i) && !closed.contains(signal.id)) {
          EXPECT_TRUE(paper->follow(signal));
        }
      }
      for (std::size_t again = 0; again <= i; ++again) take(again);
    }
    return closed;
  };
  const auto uninterrupted = run(bars.size());
  EXPECT_GT(uninterrupted.size(), 30u);
  for (std::size_t gone = 0; gone < bars.size(); gone += 13) {
    const auto restarted = run(gone);
    ASSERT_EQ(restarted.size(), uninterrupted.size());
    for (const auto& [id, close] : uninterrupted) {
      EXPECT_EQ(restarted.at(id).at, close.at);
      EXPECT_EQ(restarted.at(id).exit_price, close.exit_price);
      EXPECT_EQ(restarted.at(id).pnl_pct, close.pnl_pct);
    }
  }
}

}  // namespace
}  // namespace pawl::outcomes
