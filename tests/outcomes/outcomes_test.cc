// What became of predictions, by hand: from the next open to the open h bars later, once each.
#include <gtest/gtest.h>

#include <initializer_list>

#include "outcomes/live_performance.h"
#include "outcomes/outcome_tracker.h"
#include "support/walk_bars.h"

namespace pawl::outcomes {
namespace {

// Hourly bars of which only the opens matter.
BarSeries opens(std::initializer_list<double> values) {
  BarSeries bars;
  TimeMs time = test::kWalkStart;
  for (const double open : values) {
    bars.append({time, time + kHourMs, open, open, open, open, 1});
    time += kHourMs;
  }
  return bars;
}

Prediction predicted(std::int64_t id, Side side) {
  Prediction prediction;
  prediction.id = id;
  prediction.line = "a/B";
  prediction.side = side;
  return prediction;
}

constexpr Costs kTenBp = {.per_side_bp = 10};

TEST(Outcome, IsTheReturnFromTheNextOpenToTheOpenHBarsLater) {
  OutcomeTracker tracker(2, kTenBp);
  tracker.add(predicted(7, Side::buy), 0);
  const BarSeries bars = opens({90, 100, 105, 110});
  const std::vector<Outcome> outcomes = tracker.settle(bars);
  ASSERT_EQ(outcomes.size(), 1U);
  const Outcome& outcome = outcomes[0];
  EXPECT_EQ(outcome.prediction_id, 7);
  EXPECT_EQ(outcome.line, "a/B");
  EXPECT_EQ(outcome.entry_price, 100);
  EXPECT_EQ(outcome.exit_price, 110);
  EXPECT_EQ(outcome.bars_held, 2);
  EXPECT_NEAR(outcome.gross_return, 0.1, 1e-15);
  EXPECT_EQ(outcome.known_at, bars.close_time(3));
  EXPECT_TRUE(outcome.correct);
  // Into the position and out of it at ten basis points a side.
  EXPECT_NEAR(outcome.pnl_pct, 100 * (0.1 - 0.002), 1e-12);
  EXPECT_TRUE(outcome.correct_net);
}

struct SideCase {
  Side side;
  double exit;
  bool correct, correct_net;
  double pnl_pct;
};

// B2.
TEST(Outcome, IsCorrectWhereTheMoveHasThePredictedSign) {
  for (const SideCase& c :
       std::initializer_list<SideCase>{{Side::buy, 101, true, true, 0.8},
                                       {Side::buy, 99, false, false, -1.2},
                                       {Side::sell, 99, true, true, 0.8},
                                       {Side::sell, 101, false, false, -1.2},
                                       {Side::buy, 100.1, true, false, -0.1},
                                       {Side::buy, 100, false, false, -0.2},  // no move is incorrect
                                       {Side::sell, 100, false, false, -0.2},
                                       {Side::hold, 150, false, false, 0}}) {
    OutcomeTracker tracker(1, kTenBp);
    tracker.add(predicted(1, c.side), 0);
    const std::vector<Outcome> outcomes = tracker.settle(opens({50, 100, c.exit}));
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].correct, c.correct) << side_name(c.side) << " " << c.exit;
    EXPECT_EQ(outcomes[0].correct_net, c.correct_net) << side_name(c.side) << " " << c.exit;
    EXPECT_NEAR(outcomes[0].pnl_pct, c.pnl_pct, 1e-9) << side_name(c.side) << " " << c.exit;
  }
}

TEST(Outcome, ComesOnceForEachPredictionAndNeverEarly) {
  const BarSeries all = test::walk_bars(1, 200);
  OutcomeTracker tracker(5, {});
  BarSeries bars;
  std::vector<std::int64_t> seen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bars.append(all[i]);
    if (i % 3 != 2)
      tracker.add(predicted(static_cast<std::int64_t>(i), Side::buy), i);  // some bars go without
    for (const Outcome& outcome : tracker.settle(bars)) {
      EXPECT_EQ(outcome.prediction_id + 6, static_cast<std::int64_t>(i)) << "h + 1 bars after its own";
      EXPECT_EQ(outcome.known_at, bars.back().close_time);
      seen.push_back(outcome.prediction_id);
    }
  }
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end(), std::greater_equal<>()), seen.end());
  EXPECT_EQ(seen.size() + tracker.open(), 134U);
  EXPECT_EQ(tracker.open(), 4U);
  EXPECT_TRUE(tracker.settle(bars).empty()) << "asked again, nothing comes twice";
}

TEST(Outcome, OfManyBarsAtOnceAreThoseOfBarsOneByOne) {
  const BarSeries bars = test::walk_bars(2, 50);
  OutcomeTracker at_once(3, kTenBp);
  for (std::size_t i = 0; i < bars.size(); ++i)
    at_once.add(predicted(static_cast<std::int64_t>(i + 1), Side::sell), i);
  const std::vector<Outcome> outcomes = at_once.settle(bars);
  ASSERT_EQ(outcomes.size(), 46U);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].prediction_id, static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(outcomes[i].gross_return, bars.open(i + 4) / bars.open(i + 1) - 1);
  }
}

Outcome outcome_of(Side side, double gross, bool correct, double pnl_pct, TimeMs predicted_at = 10) {
  Outcome outcome;
  outcome.side = side;
  outcome.gross_return = gross;
  outcome.correct = correct;
  outcome.correct_net = pnl_pct > 0;
  outcome.pnl_pct = pnl_pct;
  outcome.entry_price = 100;
  outcome.predicted_at = predicted_at;
  outcome.known_at = predicted_at + 4;
  return outcome;
}

// B2.
TEST(Performance, CountsSignalsAndNotHolds) {
  LivePerformance performance(kTenBp);
  performance.add(outcome_of(Side::buy, 0.03, true, 2.8));
  performance.add(outcome_of(Side::sell, -0.001, true, -0.1));
  performance.add(outcome_of(Side::hold, 0.5, false, 0));
  performance.add(outcome_of(Side::sell, 0.01, false, -1.2));
  performance.add(outcome_of(Side::buy, 0, false, -0.2));
  const SignalTally& tally = performance.ever();
  EXPECT_EQ(tally.outcomes, 5);
  EXPECT_EQ(tally.signals, 4);
  EXPECT_EQ(tally.win_rate(), 0.5);
  EXPECT_EQ(tally.win_rate_net(), 0.25);
  // Wins move 1.55 % on average, losses 0.5 %, a round trip costs 0.2 %: (L + c) / (W + L).
  ASSERT_TRUE(tally.break_even().has_value());
  EXPECT_NEAR(*tally.break_even(), (0.005 + 0.002) / (0.0155 + 0.005), 1e-12);
}

TEST(Performance, HasNoRatesWithoutSignals) {
  LivePerformance performance({});
  EXPECT_EQ(performance.ever().win_rate(), std::nullopt);
  performance.add(outcome_of(Side::hold, 0.1, false, 0));
  EXPECT_EQ(performance.ever().win_rate(), std::nullopt);
  performance.add(outcome_of(Side::buy, 0.1, true, 10));
  EXPECT_EQ(performance.ever().win_rate(), 1.0);
  EXPECT_EQ(performance.ever().break_even(), std::nullopt)
      << "without a loss there is nothing to break even with";
}

TEST(Performance, CountsFromTheLastRetrainAndEver) {
  LivePerformance performance({});
  performance.add(outcome_of(Side::buy, 0.1, true, 10, 90));
  performance.mark_retrain(100);
  EXPECT_EQ(performance.since_retrain().signals, 0);
  performance.add(outcome_of(Side::buy, -0.1, false, -10, 100));
  EXPECT_EQ(performance.since_retrain().signals, 1);
  EXPECT_EQ(performance.since_retrain().correct, 0);
  EXPECT_EQ(performance.ever().signals, 2);
}

TEST(Performance, DoesNotBlameTheNewModelForWhatTheOldOneStillHadOpen) {
  LivePerformance performance({});
  performance.mark_retrain(100);
  performance.add(outcome_of(Side::buy, -0.1, false, -10, 98));
  EXPECT_EQ(performance.since_retrain().signals, 0);
  EXPECT_EQ(performance.ever().signals, 1);
}

}  // namespace
}  // namespace pawl::outcomes
