// C4: champion and challenger of a filter are scored on the same trades, none of which either has seen.
#include "contest/trade_contest.h"

#include <gtest/gtest.h>

namespace pawl::contest {
namespace {

// Says that a trade is profitable where its first indicator is at least a limit; remembers what it was asked.
class Threshold final : public models::Model {
 public:
  explicit Threshold(double limit, std::size_t columns = datasets::kTradeColumns)
      : limit_(limit), columns_(columns) {}
  int classes() const override { return 2; }
  std::size_t columns() const override { return columns_; }
  void predict(const models::Matrix& rows, std::span<double> probabilities) const override {
    asked.clear();
    for (std::size_t i = 0; i < rows.rows; ++i) {
      const double value = rows.values[i * rows.columns];
      asked.push_back(value);
      probabilities[2 * i + 1] = value >= limit_ ? 0.8 : 0.2;
      probabilities[2 * i] = 1 - probabilities[2 * i + 1];
    }
  }
  Json describe() const override { return Json::object(); }
  mutable std::vector<double> asked;

 private:
  double limit_;
  std::size_t columns_;
};

// Trade i opens at i hours with first indicator i, is held for `held` hours, and pays where i is even.
datasets::TradeTable trades(int count, int held = 1) {
  datasets::TradeTable table;
  for (int i = 0; i < count; ++i) {
    TradeSignal signal{.id = "t", .at = i * kHourMs};
    signal.indicators[0] = i;
    const bool pays = i % 2 == 0;
    table.add(signal, {.id = "t",
                       .at = (i + held) * kHourMs,
                       .exit_price = 1,
                       .pnl_pct = pays ? 1.0 : -1.0,
                       .profitable = pays});
  }
  return table;
}

struct Duel {
  datasets::TradeTable table = trades(20);
  Threshold champion{0}, challenger{15};
  TradeContestRequest request{.line = "f/pool",
                              .name = "pool",
                              .champion = {{1}, &champion, -1},
                              .challenger = {{2}, &challenger, 9 * kHourMs},
                              .trades = &table,
                              .judged_from = 9 * kHourMs,
                              .as_of = 100 * kHourMs,
                              .signal = {.kind = judging::SignalRule::Kind::allow, .min_probability = 0.5}};
};

TEST(TradeContest, C4JudgesOnlyTradesThatOpenedAfterBothSidesData) {
  Duel duel;
  auto evidence = hold_trade_contest(duel.request);
  ASSERT_TRUE(evidence.has_value()) << evidence.error().message;
  EXPECT_EQ(evidence->rows, 10);
  EXPECT_EQ(evidence->judged_from, 10 * kHourMs);
  EXPECT_EQ(evidence->judged_to, 19 * kHourMs);
  EXPECT_EQ(duel.champion.asked, (std::vector<double>{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}));
  EXPECT_EQ(duel.challenger.asked, duel.champion.asked) << "the same trades";
  EXPECT_DOUBLE_EQ(*evidence->champion_scores.get("accuracy"), 0.5);
  // Refuses 10 to 14, two of which lose; allows 15 to 19, two of which pay.
  EXPECT_DOUBLE_EQ(*evidence->challenger_scores.get("accuracy"), 0.4);
  EXPECT_DOUBLE_EQ(*evidence->majority_class_accuracy, 0.5);

  duel.request.champion.data_cut = 14 * kHourMs;  // it was fitted later than the challenger
  evidence = hold_trade_contest(duel.request);
  ASSERT_TRUE(evidence.has_value());
  EXPECT_EQ(evidence->rows, 5);
}

TEST(TradeContest, C4TradesStillOpenAreNotJudged) {
  Duel duel;
  duel.table = trades(20, 4);
  duel.request.as_of = 20 * kHourMs;
  const auto evidence = hold_trade_contest(duel.request);
  ASSERT_TRUE(evidence.has_value());
  EXPECT_EQ(evidence->rows, 7) << "10 to 16";
}

TEST(TradeContest, WithoutTradesThereIsEvidenceOfNone) {
  Duel duel;
  duel.request.judged_from = 50 * kHourMs;
  const auto evidence = hold_trade_contest(duel.request);
  ASSERT_TRUE(evidence.has_value());
  EXPECT_FALSE(evidence->eligible);
  EXPECT_EQ(evidence->rows, 0);
}

TEST(TradeContest, AModelOfOtherColumnsIsNoFilter) {
  Duel duel;
  const Threshold narrow(0, 3);
  duel.request.champion.model = &narrow;
  const auto evidence = hold_trade_contest(duel.request);
  ASSERT_FALSE(evidence.has_value());
  EXPECT_EQ(evidence.error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace pawl::contest
