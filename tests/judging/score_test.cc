#include "judging/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "judging/running.h"

namespace pawl::judging {
namespace {

// Columns of a contest that own their memory.
struct Table {
  int classes = 2;
  std::vector<double> probabilities;
  std::vector<Side> sides;
  std::vector<Label> labels;
  std::vector<TimeMs> known_at;
  std::vector<double> next_open, next_next_open;
  std::vector<std::uint8_t> contiguous;

  void add(std::vector<double> row, Side side, int cls, double gross, double open, double open_after,
           bool carried = true) {
    probabilities.insert(probabilities.end(), row.begin(), row.end());
    sides.push_back(side);
    const TimeMs time = static_cast<TimeMs>(known_at.size()) * kHourMs;
    labels.push_back({.cls = cls, .gross_return = gross, .known_at = time + 2 * kHourMs, .exit_bar = 0});
    known_at.push_back(time);
    next_open.push_back(open);
    next_next_open.push_back(open_after);
    contiguous.push_back(carried ? 1 : 0);
  }
  ScoredRows rows() const {
    return {classes, probabilities, sides, labels, known_at, next_open, next_next_open, contiguous};
  }
};

double value(const Scorecard& card, std::string_view name) {
  const Score* score = card.find(name);
  EXPECT_TRUE(score != nullptr && score->value) << name;
  return score != nullptr && score->value ? *score->value : std::numeric_limits<double>::quiet_NaN();
}

std::string why(const Scorecard& card, std::string_view name) {
  const Score* score = card.find(name);
  if (score == nullptr) return "not set at all";
  return score->value ? "defined" : score->why_undefined;
}

//             p_up  side  label  gross    open → open
// row 0       0.9   BUY   UP    +2 %      100 → 102    right
// row 1       0.7   BUY   DOWN  −1 %      102 → 101    wrong
// row 2       0.51  HOLD  UP    +0.1 %    101 → 101    no signal, right class
// row 3       0.2   SELL  DOWN  −0.1 %    101 → 100    right, but not after costs
// row 4       0.4   SELL  UP    +1 %      100 → 101    wrong
Table five_rows() {
  Table table;
  table.add({0.1, 0.9}, Side::buy, 1, 0.02, 100, 102);
  table.add({0.3, 0.7}, Side::buy, 0, -0.01, 102, 101);
  table.add({0.49, 0.51}, Side::hold, 1, 0.001, 101, 101);
  table.add({0.8, 0.2}, Side::sell, 0, -0.001, 101, 100);
  table.add({0.6, 0.4}, Side::sell, 1, 0.01, 100, 101, false);
  return table;
}
const ScoringRules kRules = {.costs = {.per_side_bp = 10}, .horizon_bars = 1, .bars_per_year = 252};

TEST(Score, ClassesOfTwoByHand) {
  const Scorecard card = score(five_rows().rows(), kRules);
  EXPECT_NEAR(value(card, "accuracy"), 3.0 / 5, 1e-12);
  EXPECT_NEAR(value(card, "precision"), 2.0 / 3, 1e-12) << "UP was said of rows 0, 1 and 2";
  EXPECT_NEAR(value(card, "recall"), 2.0 / 3, 1e-12) << "rows 0, 2 and 4 were UP";
  EXPECT_NEAR(value(card, "f1"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(value(card, "roc_auc"), 4.0 / 6, 1e-12) << "0.9 beats both, 0.51 and 0.4 beat 0.2 only";
  EXPECT_NEAR(value(card, "log_loss"),
              -(std::log(0.9) + std::log(0.3) + std::log(0.51) + std::log(0.8) + std::log(0.4)) / 5, 1e-12);
  EXPECT_NEAR(value(card, "brier"), (0.01 + 0.49 + 0.2401 + 0.04 + 0.36) / 5, 1e-12);
}

TEST(Score, SignalsByHand) {
  const Scorecard card = score(five_rows().rows(), kRules);
  EXPECT_EQ(value(card, "signals"), 4);
  EXPECT_NEAR(value(card, "win_rate"), 0.5, 1e-12);
  EXPECT_NEAR(value(card, "win_rate_net"), 0.25, 1e-12) << "0.1 % does not pay a round trip of 0.2 %";
  const double mean_win = (0.02 + 0.001) / 2, mean_loss = 0.01;
  EXPECT_NEAR(value(card, "break_even"), (mean_loss + 0.002) / (mean_win + mean_loss), 1e-12);
}

TEST(Score, StrategyByHand) {
  const Table table = five_rows();
  const std::vector<double> expected = {0.02 - 0.001, 101.0 / 102 - 1, -0.001, 1 - 100.0 / 101 - 0.001,
                                        -0.01 - 0.001};
  const std::vector<double> returns = strategy_returns(table.rows(), kRules);
  ASSERT_EQ(returns.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(returns[i], expected[i], 1e-12) << i;

  double sum = 0, wealth = 1, squares = 0;
  for (const double r : expected) sum += r, wealth *= 1 + r;
  for (const double r : expected) squares += (r - sum / 5) * (r - sum / 5);
  const Scorecard card = score(table.rows(), kRules);
  EXPECT_NEAR(value(card, "sharpe"), sum / 5 / std::sqrt(squares / 4) * std::sqrt(252.0), 1e-12);
  EXPECT_NEAR(value(card, "total_return"), wealth - 1, 1e-12);
  EXPECT_NEAR(value(card, "annual_return"), std::pow(wealth, 252.0 / 5) - 1, 1e-12);
  EXPECT_NEAR(value(card, "profit_factor"),
              (expected[0] + expected[3]) / -(expected[1] + expected[2] + expected[4]), 1e-12);
  EXPECT_EQ(value(card, "trades"), 4) << "in, out, short, and out at the end";
  EXPECT_NEAR(value(card, "turnover"), 4.0 * 252 / 5, 1e-12);
  EXPECT_NEAR(value(card, "exposure"), 0.8, 1e-12);
  EXPECT_NEAR(value(card, "costs"), 0.004, 1e-12);
  const double low = (1 + expected[0]) * (1 + expected[1]) * (1 + expected[2]);
  const double end = low * (1 + expected[3]) * (1 + expected[4]);
  EXPECT_NEAR(value(card, "max_drawdown"), 1 - std::min(low, end) / (1 + expected[0]), 1e-12);
}

// Three classes: precision, recall, F1 and AUC are means over SELL and BUY; HOLD counts in the rest.
TEST(Score, ClassesOfThreeByHand) {
  Table table;
  table.classes = 3;
  table.add({0.7, 0.2, 0.1}, Side::sell, 0, -0.01, 100, 99);
  table.add({0.5, 0.3, 0.2}, Side::sell, 1, 0.0, 99, 99);
  table.add({0.1, 0.8, 0.1}, Side::hold, 1, 0.0, 99, 99);
  table.add({0.2, 0.2, 0.6}, Side::buy, 2, 0.01, 99, 100);
  table.add({0.2, 0.5, 0.3}, Side::hold, 2, 0.01, 100, 101);
  table.add({0.1, 0.3, 0.6}, Side::buy, 0, -0.01, 101, 100);
  const Scorecard card = score(table.rows(), kRules);
  EXPECT_NEAR(value(card, "accuracy"), 3.0 / 6, 1e-12);
  EXPECT_NEAR(value(card, "precision"), (1.0 / 2 + 1.0 / 2) / 2, 1e-12);
  EXPECT_NEAR(value(card, "recall"), (1.0 / 2 + 1.0 / 2) / 2, 1e-12);
  EXPECT_NEAR(value(card, "f1"), 0.5, 1e-12);
  // SELL: rows 0 (.7) and 5 (.1) against .5 .1 .2 .2: 4 won, and 0 + one tie of .1.
  // BUY: rows 3 (.6) and 4 (.3) against .1 .2 .1 .6: 3 and a tie, 3 won.
  EXPECT_NEAR(value(card, "roc_auc"), (4.5 / 8 + 6.5 / 8) / 2, 1e-12);
  EXPECT_NEAR(
      value(card, "log_loss"),
      -(std::log(0.7) + std::log(0.3) + std::log(0.8) + std::log(0.6) + std::log(0.3) + std::log(0.1)) / 6,
      1e-12);
  const double brier = (0.3 * 0.3 + 0.2 * 0.2 + 0.1 * 0.1) + (0.5 * 0.5 + 0.7 * 0.7 + 0.2 * 0.2) +
                       (0.1 * 0.1 + 0.2 * 0.2 + 0.1 * 0.1) + (0.2 * 0.2 + 0.2 * 0.2 + 0.4 * 0.4) +
                       (0.2 * 0.2 + 0.5 * 0.5 + 0.7 * 0.7) + (0.9 * 0.9 + 0.3 * 0.3 + 0.6 * 0.6);
  EXPECT_NEAR(value(card, "brier"), brier / 2 / 6, 1e-12);
}

TEST(Score, LogLossAndBrierAgreeWithLongDouble) {
  for (const int classes : {2, 3}) {
    Random random(static_cast<std::uint64_t>(classes));
    Table table;
    table.classes = classes;
    long double log_loss = 0, brier = 0;
    constexpr int kRows = 2000;
    for (int i = 0; i < kRows; ++i) {
      std::vector<double> row;
      double sum = 0;
      for (int k = 0; k < classes; ++k) sum += row.emplace_back(random.uniform() + 1e-3);
      for (double& p : row) p /= sum;
      const auto cls = static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(classes)));
      table.add(row, Side::hold, static_cast<int>(cls), 0.01, 100, 100);
      log_loss -= std::log(static_cast<long double>(row[cls]));
      for (std::size_t k = 0; k < row.size(); ++k) {
        const long double error = static_cast<long double>(row[k]) - (k == cls ? 1 : 0);
        brier += error * error;
      }
    }
    const Scorecard card = score(table.rows(), kRules);
    EXPECT_NEAR(value(card, "log_loss"), static_cast<double>(log_loss / kRows), 1e-12);
    EXPECT_NEAR(value(card, "brier"), static_cast<double>(brier / 2 / kRows), 1e-12);
  }
}

TEST(Score, ACertaintyThatFailsCostsMuchButNotInfinitelyMuch) {
  Table table;
  table.add({1, 0}, Side::sell, 1, 0.01, 100, 101);
  EXPECT_NEAR(value(score(table.rows(), kRules), "log_loss"), -std::log(1e-15), 1e-12);
}

TEST(Score, AZeroMoveIsIncorrectForEitherSide) {
  Table table;
  table.add({0.1, 0.9}, Side::buy, 0, 0.0, 100, 100);
  table.add({0.9, 0.1}, Side::sell, 0, 0.0, 100, 100);
  EXPECT_EQ(value(score(table.rows(), kRules), "win_rate"), 0);
}

TEST(Score, ARowWhoseBarIsNotOverIsNoPartOfTheStrategy) {
  Table table = five_rows();
  table.add({0.1, 0.9}, Side::buy, 1, 0.5, 101, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(strategy_returns(table.rows(), kRules), strategy_returns(five_rows().rows(), kRules));
  const Scorecard card = score(table.rows(), kRules);
  EXPECT_EQ(value(card, "trades"), 4);
  EXPECT_EQ(value(card, "signals"), 5) << "its label is known, so its signal counts";
}

TEST(Score, OfNoRowsSaysSo) {
  const Scorecard card = score(Table{}.rows(), kRules);
  EXPECT_EQ(why(card, "accuracy"), "no rows");
  EXPECT_EQ(why(card, "brier"), "no rows");
  EXPECT_EQ(why(card, "win_rate"), "no signals");
  EXPECT_EQ(why(card, "sharpe"), "no bars");
  EXPECT_EQ(why(card, "total_return"), "no bars");
  EXPECT_EQ(value(card, "signals"), 0);
}

TEST(Score, WithoutSignalsIsUndefinedNotZero) {
  Table table;
  table.add({0.5, 0.5}, Side::hold, 1, 0.01, 100, 101);
  table.add({0.5, 0.5}, Side::hold, 0, -0.01, 101, 100);
  const Scorecard card = score(table.rows(), kRules);
  EXPECT_EQ(why(card, "win_rate"), "no signals");
  EXPECT_EQ(why(card, "win_rate_net"), "no signals");
  EXPECT_EQ(why(card, "break_even"), "no signals");
  EXPECT_EQ(why(card, "sharpe"), "no trades");
  EXPECT_EQ(why(card, "profit_factor"), "no trades");
  EXPECT_EQ(value(card, "total_return"), 0) << "money that was never at risk did earn nothing";
}

TEST(Score, OfOneClassSaysWhichIsMissing) {
  Table table;
  table.add({0.8, 0.2}, Side::sell, 0, -0.01, 100, 99);
  table.add({0.7, 0.3}, Side::sell, 0, -0.02, 99, 97);
  const Scorecard card = score(table.rows(), kRules);
  EXPECT_EQ(value(card, "accuracy"), 1);
  EXPECT_EQ(why(card, "precision"), "UP was never predicted");
  EXPECT_EQ(why(card, "recall"), "no row is UP");
  EXPECT_EQ(why(card, "f1"), "no row is UP and it was never predicted");
  EXPECT_EQ(why(card, "roc_auc"), "no two rows to tell apart: all or none are UP");
  EXPECT_EQ(why(card, "break_even"), "no wrong signals");
  EXPECT_EQ(why(card, "profit_factor"), "no losing bars");
}

// A model that never says SELL must not be scored on BUY alone.
TEST(Score, AClassNeverNamedMakesMacroPrecisionUndefined) {
  Table table;
  table.classes = 3;
  table.add({0.1, 0.2, 0.7}, Side::buy, 2, 0.01, 100, 101);
  table.add({0.1, 0.8, 0.1}, Side::hold, 0, -0.01, 101, 100);
  const Scorecard card = score(table.rows(), kRules);
  EXPECT_EQ(why(card, "precision"), "SELL was never predicted");
  EXPECT_NEAR(value(card, "recall"), 0.5, 1e-12);
  EXPECT_NEAR(value(card, "f1"), 0.5, 1e-12);
}

TEST(Score, BarByBarIsTheSameAsAtOnce) {
  Random random(21);
  Table table;
  double price = 100;
  for (int i = 0; i < 500; ++i) {
    const double next = price * (1 + 0.01 * random.normal());
    const double p = random.uniform();
    const SignalRule rule;
    const std::vector<double> row = {1 - p, p};
    table.add(row, rule.side(row), next > price ? 1 : 0, next / price - 1, price, next,
              random.below(10) != 0);
    price = next;
  }
  const ScoringRules rules = {.costs = {.per_side_bp = 5}, .horizon_bars = 3, .bars_per_year = 8766};
  StrategyTracker strategy(rules.costs, rules.horizon_bars);
  RunningReturns live;
  const std::vector<double> at_once = strategy_returns(table.rows(), rules);
  for (std::size_t i = 0; i < at_once.size(); ++i) {
    const double bar_return =
        strategy.push(table.sides[i], table.next_open[i], table.next_next_open[i], table.contiguous[i] != 0);
    ASSERT_EQ(bar_return, at_once[i]) << "to the last bit";
    live.push(bar_return);
  }
  const Scorecard card = score(table.rows(), rules);
  EXPECT_EQ(live.sharpe(rules.bars_per_year), card.get("sharpe"));
  EXPECT_EQ(live.total_return(), value(card, "total_return"));
}

// Two symbols: on the first date both have a row, on the second only one.
struct PooledRows {
  std::vector<double> p1 = {0.4, 0.6, 0.7, 0.3}, p2 = {0.2, 0.8};  // [down, up] a row
  std::vector<Side> s1 = {Side::buy, Side::sell}, s2 = {Side::buy};
  std::vector<Label> l1{{.cls = 1, .gross_return = 0.02}, {.cls = 1, .gross_return = 0.01}},
      l2{{.cls = 0, .gross_return = -0.01}};
  std::vector<TimeMs> t1 = {10, 20}, t2 = {10};
  std::vector<double> o1 = {100, 102}, n1 = {102, 103}, o2 = {50}, n2 = {49.5};
  std::vector<std::uint8_t> c1 = {0, 0}, c2 = {0};
  std::vector<ScoredRows> rows() const {
    return {{.classes = 2,
             .probabilities = p1,
             .sides = s1,
             .labels = l1,
             .known_at = t1,
             .next_open = o1,
             .next_next_open = n1,
             .contiguous = c1},
            {.classes = 2,
             .probabilities = p2,
             .sides = s2,
             .labels = l2,
             .known_at = t2,
             .next_open = o2,
             .next_next_open = n2,
             .contiguous = c2}};
  }
};

// DESIGN "pooled lines": scores are averaged per date first, and dates are the sample.
TEST(ScoreByDate, CountsEveryDateTheSame) {
  const PooledRows pooled;
  const Scorecard card = score_by_date(pooled.rows(), {.costs = {}, .horizon_bars = 1, .bars_per_year = 252});
  // First date: one of two right; second: none of one.
  EXPECT_DOUBLE_EQ(*card.get("accuracy"), (0.5 + 0.0) / 2);
  EXPECT_DOUBLE_EQ(*card.get("win_rate"), (0.5 + 0.0) / 2);
  EXPECT_EQ(*card.get("signals"), 3) << "a count stays a count";
  const double first = (std::log(1 / 0.6) + std::log(1 / 0.2)) / 2, second = std::log(1 / 0.3);
  EXPECT_NEAR(*card.get("log_loss"), (first + second) / 2, 1e-15);
  // The strategy's return of a date is the mean over its symbols.
  const double day1 = (0.02 + (49.5 / 50 - 1)) / 2, day2 = -(103.0 / 102 - 1);
  EXPECT_NEAR(*card.get("total_return"), (1 + day1) * (1 + day2) - 1, 1e-14);
  EXPECT_EQ(count_dates(pooled.rows()), 2U);
}

TEST(ScoreByDate, OfOneSymbolIsThePlainScore) {
  const PooledRows pooled;
  const ScoringRules rules{.costs = {.per_side_bp = 3}, .horizon_bars = 1, .bars_per_year = 252};
  const std::vector<ScoredRows> one = {pooled.rows()[0]};
  const Scorecard by_date = score_by_date(one, rules), plain = score(one[0], rules);
  for (const Score& expected : plain.scores()) {
    const auto value = by_date.get(expected.name);
    ASSERT_EQ(value.has_value(), expected.value.has_value()) << expected.name;
    if (!value) continue;
    EXPECT_NEAR(*value, *expected.value, 1e-12) << expected.name;
  }
}

TEST(RocAuc, WithEqualWeightsIsTheUnweightedOne) {
  const std::vector<double> scores = {0.1, 0.4, 0.35, 0.8, 0.4}, weights(5, 0.25);
  const std::vector<int> positives = {0, 0, 1, 1, 1};
  EXPECT_NEAR(*weighted_roc_auc(scores, positives, weights), *roc_auc(scores, positives), 1e-15);
}

}  // namespace
}  // namespace pawl::judging
