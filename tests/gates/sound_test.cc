// `sound` as a table: how much better, how much noise, how many rows, and what follows. How often it errs
// over thousands of contests is measured in docs/gates.md.
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "gates/gate_policy.h"

namespace pawl::gates {
namespace {

std::unique_ptr<GatePolicy> sound(const std::string& yaml) {
  const GatePolicyKind* kind = find_gate_policy_kind("sound");
  auto settings = Settings::read(kind->schema, *parse_yaml(yaml, "test"), "gate");
  EXPECT_TRUE(settings) << settings.error().message;
  return std::move(*kind->make(*settings));
}

// A contest in which the challenger earns `points` more; a point is a basis point a bar, and a bar's
// difference has a deviation of `noise` points.
Evidence contest(double points, double noise = 20, std::size_t rows = 2000) {
  Evidence line;
  line.line = "test/EUR_USD";
  line.symbol = "EUR_USD";
  line.champion = VersionNumber{3};
  line.challenger = VersionNumber{4};
  line.rows = static_cast<std::int64_t>(rows);
  line.challenger_scores.set("total_return", 0.1);
  line.challenger_scores.set("log_loss", 0.69);
  PairedRows& paired = line.paired;
  paired.return_per_point = 1e-4;
  paired.label_bars = 2;
  Random random(5);
  std::vector<double> chance(rows);
  double mean = 0;
  for (double& one : chance) mean += (one = random.normal()) / static_cast<double>(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const double weather = 0.002 * random.normal();
    paired.champion_returns.push_back(weather);
    paired.challenger_returns.push_back(weather + 1e-4 * (points + noise * (chance[i] - mean)));
    paired.champion_losses.push_back(0.69);
    paired.challenger_losses.push_back(0.69 - 0.001 * points);
  }
  line.difference = ContestDifference{.return_a_bar = 1e-4 * points,
                                      .points = points,
                                      .standard_error = noise / std::sqrt(static_cast<double>(rows)),
                                      .block = 8};
  return line;
}

Verdict judge(const std::string& yaml, const Evidence& line) {
  return sound(yaml)->judge(std::span(&line, 1)).at(0);
}

const Check* check_of(const Verdict& verdict, std::string_view name) {
  for (const Check& check : verdict.checks) {
    if (check.name == name) return &check;
  }
  return nullptr;
}

// The standard error is 20 / √2000 = 0.45 points: 0.88 is what chance does one time in forty.
TEST(Sound, SuperiorAsksForMoreThanChance) {
  EXPECT_EQ(judge("{claim: superior}", contest(1.2)).decision, Decision::promote);
  const Verdict kept = judge("{claim: superior}", contest(0.5));
  EXPECT_EQ(kept.decision, Decision::keep);
  EXPECT_NE(kept.reasons.at(0).find("may be chance: +0.50 points (± 0.45)"), std::string::npos)
      << kept.reasons[0];
  EXPECT_GT(*check_of(kept, "p_superior")->value, 0.025);
}

TEST(Sound, NotWorseAsksForLessWhereTheMarginIsClear) {
  EXPECT_EQ(judge("{}", contest(0.5)).decision, Decision::promote);
  // No worse by two points, but worse: a swap is not worth it.
  const Verdict lower = judge("{}", contest(-0.3));
  EXPECT_EQ(lower.decision, Decision::keep);
  EXPECT_NE(lower.reasons.at(0).find("is expected to earn"), std::string::npos) << lower.reasons[0];
  // Better, but so uncertain that it could be worse by two points.
  const Verdict vague = judge("{}", contest(0.5, 100));
  EXPECT_EQ(vague.decision, Decision::keep);
  EXPECT_NE(vague.reasons.at(0).find("could be worse"), std::string::npos) << vague.reasons[0];
}

TEST(Sound, ASwapMustBeWorthItsCost) {
  Evidence line = contest(0.5);
  line.paired.switching_cost = 1e-4 * 2;
  EXPECT_EQ(judge("{}", line).decision, Decision::keep);
}

// What earlier contests of the line found moves a close decision, either way.
TEST(Sound, APriorIsFittedToTheLinesOwnContests) {
  Evidence line = contest(-0.2, 40);  // ± 0.9
  EXPECT_EQ(judge("{margin_points: 3}", line).decision, Decision::keep);
  line.earlier_contests.assign(30, {.points = 2, .standard_error = 0.5});
  const Verdict fresh = judge("{margin_points: 3, prior_points: 1, drawdown_margin: 100}", line);
  EXPECT_EQ(fresh.decision, Decision::promote) << fresh.reasons.at(0);
  EXPECT_GT(*check_of(fresh, "expected_points")->value, 0);
  Evidence better = contest(0.2, 40);
  better.earlier_contests.assign(30, {.points = -2, .standard_error = 0.5});
  EXPECT_EQ(judge("{margin_points: 3, prior_points: 1, drawdown_margin: 100}", better).decision,
            Decision::keep);
}

// gates.md §2.5: errors are budgeted as a rate, so that trying every day is not trying until it works.
TEST(Sound, TheErrorBudgetIsARate) {
  Evidence line = contest(1.1);
  EXPECT_EQ(judge("{claim: superior}", line).decision, Decision::promote);
  line.years_since_contest = 1.0 / 365;
  const Verdict daily = judge("{claim: superior}", line);
  EXPECT_EQ(daily.decision, Decision::keep);
  const Check* check = check_of(daily, "p_superior");
  EXPECT_NEAR(*check->limit, 0.3 / 365, 1e-9);
  EXPECT_NE(daily.reasons.at(0).find("error budget"), std::string::npos) << daily.reasons[0];
  line.years_since_contest = 0.5;
  EXPECT_EQ(judge("{claim: superior}", line).decision, Decision::promote);
}

TEST(Sound, ProbabilitiesAndDrawdownMustNotBeWorse) {
  Evidence line = contest(3);
  for (double& loss : line.paired.challenger_losses) loss += 0.05;
  const Verdict vain = judge("{}", line);
  EXPECT_EQ(vain.decision, Decision::keep);
  EXPECT_NE(vain.reasons.at(0).find("its probabilities could be worse"), std::string::npos)
      << vain.reasons[0];

  // It earns more by the bar and loses a fifth of everything now and then.
  Evidence deep = contest(30);
  for (std::size_t i = 0; i < deep.paired.challenger_returns.size(); i += 400)
    deep.paired.challenger_returns[i] -= 0.2;
  const Verdict wild = judge("{}", deep);
  EXPECT_EQ(wild.decision, Decision::keep);
  EXPECT_NE(wild.reasons.at(0).find("drawdown"), std::string::npos) << wild.reasons[0];
}

TEST(Sound, TooLittleEvidenceIsInsufficient) {
  EXPECT_EQ(judge("{}", contest(5, 20, 499)).decision, Decision::insufficient);
  Evidence long_labels = contest(5, 20, 2000);
  long_labels.paired.label_bars = 41;
  const Verdict few = judge("{}", long_labels);
  EXPECT_EQ(few.decision, Decision::insufficient);
  EXPECT_EQ(few.reasons.at(0), "48 labels that do not overlap, 50 are needed");
  Evidence without = contest(5);
  without.difference.reset();
  EXPECT_EQ(judge("{}", without).decision, Decision::insufficient);
}

TEST(Sound, TwoThatSayTheSameStayAsTheyAre) {
  Evidence line = contest(0, 0);
  EXPECT_EQ(judge("{}", line).decision, Decision::keep);
  EXPECT_EQ(judge("{claim: superior}", line).decision, Decision::keep);
}

// Stored beside the verdict, deciding nothing.
TEST(Sound, DeflatedSharpeAndOverfittingAreEvidence) {
  Evidence line = contest(3);
  line.trials = 40;
  line.earlier_contests = {{.points = 1, .standard_error = 1, .challenger_sharpe = 0.01},
                           {.points = 1, .standard_error = 1, .challenger_sharpe = -0.02}};
  line.overfitting_probability = 0.9;
  const Verdict verdict = judge("{}", line);
  EXPECT_EQ(verdict.decision, Decision::promote);
  ASSERT_NE(check_of(verdict, "deflated_sharpe"), nullptr);
  EXPECT_FALSE(check_of(verdict, "deflated_sharpe")->limit);
  EXPECT_GE(*check_of(verdict, "deflated_sharpe")->value, 0);
  EXPECT_EQ(*check_of(verdict, "overfitting_probability")->value, 0.9);
}

}  // namespace
}  // namespace pawl::gates
