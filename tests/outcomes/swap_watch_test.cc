// C5: after a swap, the new model stays or is rolled back by what closes next.
#include "outcomes/swap_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace pawl::outcomes {
namespace {

// Trades of which the new model has the first `new_right` right and the old one the first `old_right`.
std::vector<WatchedTrade> trades_of(int count, int new_right, int old_right) {
  std::vector<WatchedTrade> trades;
  for (int i = 0; i < count; ++i) {
    const bool profitable = i % 2 == 0;
    const double right = profitable ? 0.7 : 0.3, wrong = profitable ? 0.3 : 0.7;
    trades.push_back({i < new_right ? right : wrong, i < old_right ? right : wrong, profitable});
  }
  return trades;
}

struct Case {
  const char* what;
  int trades, new_right, old_right;
  WatchRules rules;
  SwapDecision decision;
};

TEST(SwapWatch, C5StaysOrRollsBackOnTheNextTrades) {
  const WatchRules twenty{.trades = 20, .margin = 0.1};
  const std::vector<Case> cases = {
      {"nothing closed yet", 0, 0, 0, twenty, SwapDecision::watching},
      {"one too few", 19, 0, 19, twenty, SwapDecision::watching},
      {"better", 20, 15, 10, twenty, SwapDecision::stay},
      {"as good", 20, 10, 10, twenty, SwapDecision::stay},
      {"worse by less than the margin", 20, 10, 11, twenty, SwapDecision::stay},
      {"worse by the margin itself", 20, 10, 12, twenty, SwapDecision::roll_back},
      {"worse by more", 20, 2, 18, twenty, SwapDecision::roll_back},
      {"what closes later changes nothing", 40, 20, 20, twenty, SwapDecision::stay},
      {"a margin of nothing, as good", 20, 10, 10, {.trades = 20, .margin = 0}, SwapDecision::stay},
      {"a margin of nothing, one worse", 20, 9, 10, {.trades = 20, .margin = 0}, SwapDecision::roll_back},
      {"a margin that is no short binary number",
       100,
       50,
       55,
       {.trades = 100, .margin = 0.05},
       SwapDecision::roll_back},
      {"no watch", 0, 0, 0, {.trades = 0}, SwapDecision::stay},
  };
  for (const Case& one : cases) {
    const auto verdict = judge_swap(trades_of(one.trades, one.new_right, one.old_right), one.rules);
    EXPECT_EQ(verdict.decision, one.decision) << one.what << ": " << verdict.reason;
  }
}

TEST(SwapWatch, C5TheReasonHasBothNumbers) {
  const auto back = judge_swap(trades_of(10, 4, 7), {.trades = 10, .margin = 0.05});
  EXPECT_EQ(back.new_accuracy, 0.4);
  EXPECT_EQ(back.old_accuracy, 0.7);
  EXPECT_EQ(back.trades, 10);
  EXPECT_EQ(
      back.reason,
      "accuracy 0.400 against 0.700 of the model before on 10 closed trades: below by the margin of 0.05");
  EXPECT_EQ(judge_swap(trades_of(4, 4, 2), {.trades = 10}).reason,
            "accuracy 1.000 against 0.500 of the model before on 4 closed trades; 10 decide");
  EXPECT_EQ(judge_swap({}, {.trades = 10}).reason, "no trade has closed yet; 10 decide");
}

TEST(SwapWatch, C5AChanceAtTheThresholdAllows) {
  const std::vector<WatchedTrade> one = {{.p_new = 0.6, .p_old = 0.59, .profitable = true}};
  const auto verdict = judge_swap(one, {.trades = 1, .margin = 0, .allow_at = 0.6});
  EXPECT_EQ(verdict.new_accuracy, 1.0);
  EXPECT_EQ(verdict.old_accuracy, 0.0);
}

}  // namespace
}  // namespace pawl::outcomes
