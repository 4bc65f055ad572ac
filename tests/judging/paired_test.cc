// Two sides row by row, with numbers worked out by hand.
#include "judging/paired.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace pawl::judging {
namespace {

constexpr double kNear = 1e-12;

// What both sides were asked about, which owns its memory, and what one of them said to it.
struct Rows {
  std::vector<Label> labels;
  std::vector<TimeMs> known_at;
  std::vector<double> next_open, next_next_open;
  std::vector<std::uint8_t> contiguous;

  void add(TimeMs at, int cls, double gross, double open, double open_after, bool carried = true) {
    labels.push_back({.cls = cls, .gross_return = gross, .known_at = at + 2 * kHourMs, .exit_bar = 0});
    known_at.push_back(at);
    next_open.push_back(open);
    next_next_open.push_back(open_after);
    contiguous.push_back(carried ? 1 : 0);
  }
};
struct Said {
  std::vector<double> probabilities;  // [down, up] a row
  std::vector<Side> sides;

  void add(double up, Side side) {
    probabilities.insert(probabilities.end(), {1 - up, up});
    sides.push_back(side);
  }
};
ScoredRows scored(const Rows& rows, const Said& said) {
  return {2,
          said.probabilities,
          said.sides,
          rows.labels,
          rows.known_at,
          rows.next_open,
          rows.next_next_open,
          rows.contiguous};
}

// Held for two bars each, so a signal is half a position; 10 basis points a side.
//        open → open   label         champion        challenger
// row 0  100 → 110     UP   +4 %     BUY   0.8 up    SELL  0.4 up
// row 1  110 →  99     DOWN −2 %     HOLD  0.5 up    SELL  0.25 up
// row 2   99 →  99     UP   +3 %     HOLD  0.5 up    HOLD  0 up; the session ends
struct Example {
  Example() {
    rows.add(0, 1, 0.04, 100, 110);
    rows.add(kHourMs, 0, -0.02, 110, 99);
    rows.add(2 * kHourMs, 1, 0.03, 99, 99, false);
    champion.add(0.8, Side::buy);
    champion.add(0.5, Side::hold);
    champion.add(0.5, Side::hold);
    challenger.add(0.4, Side::sell);
    challenger.add(0.25, Side::sell);
    challenger.add(0, Side::hold);
  }
  PairedRows paired() const { return pair_rows(scored(rows, champion), scored(rows, challenger), rules); }
  Rows rows;
  Said champion, challenger;
  ScoringRules rules{.costs = {.per_side_bp = 10}, .horizon_bars = 2, .bars_per_year = 8760};
};

TEST(Paired, ReturnsAndLossesAreThoseOfEachRow) {
  const PairedRows paired = Example().paired();
  // Positions ½, ½, 0: in at 100 for 0.0005; out at 99 likewise.
  ASSERT_EQ(paired.champion_returns.size(), 3U);
  EXPECT_NEAR(paired.champion_returns[0], 0.05 - 0.0005, kNear);
  EXPECT_NEAR(paired.champion_returns[1], -0.05, kNear);
  EXPECT_NEAR(paired.champion_returns[2], -0.0005, kNear);
  // Positions −½, −1, −½, and the last half is closed where the session ends.
  ASSERT_EQ(paired.challenger_returns.size(), 3U);
  EXPECT_NEAR(paired.challenger_returns[0], -0.05 - 0.0005, kNear);
  EXPECT_NEAR(paired.challenger_returns[1], 0.1 - 0.0005, kNear);
  EXPECT_NEAR(paired.challenger_returns[2], -0.001, kNear);
  ASSERT_EQ(paired.champion_losses.size(), 3U);
  EXPECT_NEAR(paired.champion_losses[0], -std::log(0.8), kNear);
  EXPECT_NEAR(paired.champion_losses[1], -std::log(0.5), kNear);
  ASSERT_EQ(paired.challenger_losses.size(), 3U);
  EXPECT_NEAR(paired.challenger_losses[0], -std::log(0.4), kNear);
  EXPECT_NEAR(paired.challenger_losses[1], -std::log(0.75), kNear);
  EXPECT_NEAR(paired.challenger_losses[2], -std::log(1e-15), kNear) << "sure and wrong, and still finite";
  EXPECT_EQ(paired.label_bars, 2U);
}

// A label moves 3 % on average; turned from wrong to right a call earns twice that over two bars; the busier
// side calls in two of three rows: 0.01 · 2 · 0.03 / 2 · ⅔.
TEST(Paired, APointIsWhatOneMoreRightCallInAHundredEarns) {
  Example example;
  EXPECT_NEAR(example.paired().return_per_point, 0.0002, kNear);
  std::swap(example.champion, example.challenger);
  EXPECT_NEAR(example.paired().return_per_point, 0.0002, kNear) << "whichever side calls more often";
  for (Said* side : {&example.champion, &example.challenger}) side->sides.assign(3, Side::hold);
  EXPECT_EQ(example.paired().return_per_point, 0) << "nobody says anything";
}

TEST(Paired, ASwapCostsOneRoundTripSpreadOverTheRows) {
  Example example;
  EXPECT_NEAR(example.paired().switching_cost, 0.002 / 3, kNear);
  // Of 1 pip of 0.01 a side at 100, 110 and 99.
  example.rules.costs = {.per_side_pips = 1, .pip_size = 0.01};
  EXPECT_NEAR(example.paired().switching_cost, 2 * 0.01 * (1.0 / 100 + 1.0 / 110 + 1.0 / 99) / 3 / 3, kNear);
}

// d = −0.1, 0.1495, −0.0005. Three rows allow blocks of one only: the standard error is the plain one.
TEST(Paired, TheDifferenceInPointsAndItsStandardError) {
  const PairedRows paired = Example().paired();
  const ContestDifference found = difference_of(paired).value();
  const double mean = 0.049 / 3;
  EXPECT_NEAR(found.return_a_bar, mean, kNear);
  EXPECT_NEAR(found.points, mean / 0.0002, 1e-8);
  EXPECT_EQ(found.block, 1);
  const double variance =
      (std::pow(-0.1 - mean, 2) + std::pow(0.1495 - mean, 2) + std::pow(-0.0005 - mean, 2)) / 2;
  EXPECT_NEAR(found.standard_error, std::sqrt(variance / 3) / 0.0002, 1e-8);
  const double own = (-0.0505 + 0.0995 - 0.001) / 3;
  const double spread =
      (std::pow(-0.0505 - own, 2) + std::pow(0.0995 - own, 2) + std::pow(-0.001 - own, 2)) / 2;
  EXPECT_NEAR(found.challenger_sharpe.value(), own / std::sqrt(spread), kNear) << "a bar, not a year";
}

TEST(Paired, WithoutUnitsThereAreNoPointsAndWithoutRowsNoDifference) {
  PairedRows paired = Example().paired();
  paired.return_per_point = 0;
  EXPECT_EQ(difference_of(paired)->points, 0);
  EXPECT_EQ(difference_of(paired)->standard_error, 0);
  EXPECT_NE(difference_of(paired)->return_a_bar, 0);
  paired.champion_returns.resize(1);
  paired.challenger_returns.resize(1);
  EXPECT_FALSE(difference_of(paired).has_value());
  EXPECT_FALSE(difference_of({}).has_value());
}

// Symbol A has rows on the first and second date, B on the second and third: three rows, the middle one the
// mean of two.
TEST(Paired, APooledLinesRowsAreItsDates) {
  Rows a, b;
  a.add(0, 1, 0.02, 100, 101);
  a.add(kDayMs, 1, 0.02, 101, 101, false);
  b.add(kDayMs, 0, -0.04, 50, 49);
  b.add(2 * kDayMs, 0, -0.04, 49, 49, false);
  Said buys, holds;
  for (int i = 0; i < 2; ++i) {
    buys.add(0.8, Side::buy);
    holds.add(0.5, Side::hold);
  }
  const std::vector<ScoredRows> champion = {scored(a, holds), scored(b, holds)},
                                challenger = {scored(a, buys), scored(b, buys)};
  const PairedRows paired =
      pair_by_date(champion, challenger, {.costs = {}, .horizon_bars = 1, .bars_per_year = 252});
  ASSERT_EQ(paired.challenger_returns.size(), 3U);
  EXPECT_NEAR(paired.challenger_returns[0], 0.01, kNear);
  EXPECT_NEAR(paired.challenger_returns[1], (0 - 0.02) / 2, kNear);
  EXPECT_NEAR(paired.challenger_returns[2], 0, kNear);
  EXPECT_EQ(paired.champion_returns, std::vector<double>(3, 0.0));
  ASSERT_EQ(paired.challenger_losses.size(), 3U);
  EXPECT_NEAR(paired.challenger_losses[0], -std::log(0.8), kNear);
  EXPECT_NEAR(paired.challenger_losses[1], (-std::log(0.8) - std::log(0.2)) / 2, kNear);
  EXPECT_NEAR(paired.challenger_losses[2], -std::log(0.2), kNear);
  // Four rows of which each moves 3 % on average, and all of the busier side's are calls.
  EXPECT_NEAR(paired.return_per_point, 0.02 * 0.03, kNear);
  EXPECT_EQ(paired.switching_cost, 0);
}

TEST(Paired, BlocksHoldFourLabelsAtLeastAndAThirdOfTheRowsAtMost) {
  Random random(3);
  std::vector<double> noise(1200);
  for (double& one : noise) one = random.normal();
  EXPECT_EQ(block_of(noise, 25), 100) << "Politis & White find next to nothing in noise";
  EXPECT_EQ(block_of(std::span(noise).first(120), 25), 40);
  EXPECT_EQ(block_of(std::span(noise).first(2), 25), 1);
  EXPECT_EQ(block_of({}, 25), 1);
  // Where rows hang together for longer than labels say, it is theirs that counts.
  double value = 0;
  for (double& one : noise) one = value = 0.95 * value + random.normal();
  EXPECT_GT(block_of(noise, 1), 20);
}

}  // namespace
}  // namespace pawl::judging
