// `sound` as a table: how much better, how much noise, how many rows, and what follows. How often it errs
// over thousands of contests is measured in docs/gates.md.
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "gates/gate_policy.h"
#include "stats/sharpe.h"

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

// A champion that always holds has no drawdown in any course. Whoever trades has one, and must be able to
// replace it all the same.
TEST(Sound, AChampionThatNeverTradedSetsNoDrawdown) {
  Evidence line = contest(1.5);
  for (std::size_t i = 0; i < line.paired.champion_returns.size(); ++i) {
    line.paired.challenger_returns[i] -= line.paired.champion_returns[i];
    line.paired.champion_returns[i] = 0;
  }
  for (const char* settings : {"{}", "{claim: superior}"}) {
    const Verdict verdict = judge(settings, line);
    EXPECT_EQ(verdict.decision, Decision::promote) << verdict.reasons.at(0);
    const Check* check = check_of(verdict, "drawdown_not_deeper");
    ASSERT_NE(check, nullptr);
    EXPECT_TRUE(check->pass);
    EXPECT_FALSE(check->value);
    EXPECT_EQ(check->note,
              "champion v000003 held no position in these rows: it has no drawdown to compare with");
  }
  // One that traded once has one.
  line.paired.champion_returns[700] = -1e-5;
  EXPECT_TRUE(check_of(judge("{}", line), "drawdown_not_deeper")->value);
}

// Stored beside the verdict, deciding nothing.
TEST(Sound, DeflatedSharpeAndOverfittingAreEvidence) {
  Evidence line = contest(3);
  line.trials = 40;
  line.earlier_contests = {{.points = 1, .standard_error = 1, .challenger_sharpe = 0.05},
                           {.points = 1, .standard_error = 1, .challenger_sharpe = 0.14}};
  line.overfitting_probability = 0.9;
  const Verdict verdict = judge("{}", line);
  EXPECT_EQ(verdict.decision, Decision::promote);
  const Check* deflated = check_of(verdict, "deflated_sharpe");
  ASSERT_NE(deflated, nullptr);
  EXPECT_FALSE(deflated->limit);
  // By gates.md §3, from the challenger's own moments and the three ratios that are known: SR₀ = √V [(1 − γ)
  // Z⁻¹(1 − 1/N) + γ Z⁻¹(1 − 1/(N e))] with Z⁻¹(1 − 1/40) = 1.959964, Z⁻¹(1 − 1/(40 e)) = 2.357590.
  const auto own = stats::return_moments(line.paired.challenger_returns).value();
  const double ratios[] = {own.sharpe(), 0.05, 0.14};
  const double mean = (ratios[0] + ratios[1] + ratios[2]) / 3;
  double variance = 0;
  for (const double ratio : ratios) variance += (ratio - mean) * (ratio - mean) / 2;
  constexpr double kEuler = 0.5772156649;
  const double luck = std::sqrt(variance) * ((1 - kEuler) * 1.959964 + kEuler * 2.357590);
  const double rows = static_cast<double>(line.paired.challenger_returns.size()), sharpe = own.sharpe();
  const double z = (sharpe - luck) * std::sqrt(rows - 1) /
                   std::sqrt(1 - own.skewness * sharpe + (own.kurtosis - 1) / 4 * sharpe * sharpe);
  EXPECT_NEAR(*deflated->value, 0.5 * std::erfc(-z / std::sqrt(2.0)), 1e-6);
  EXPECT_GT(*deflated->value, 0.05) << "a value that could as well be another";
  EXPECT_LT(*deflated->value, 0.95);
  EXPECT_NE(deflated->note.find("the best of 40 models"), std::string::npos) << deflated->note;
  EXPECT_EQ(*check_of(verdict, "overfitting_probability")->value, 0.9);

  // The more were tried, the more of it is luck.
  line.trials = 400;
  const Verdict tried = judge("{}", line);
  EXPECT_LT(*check_of(tried, "deflated_sharpe")->value, *deflated->value);
}

// At the line's first contest nobody else's ratio is known. What a search of forty owes to luck cannot be
// told then, and a number that leaves it out would say that it is nothing.
TEST(Sound, TheDeflatedSharpeOfAFirstContestIsNotKnown) {
  Evidence line = contest(3);
  line.trials = 40;
  const Verdict first = judge("{}", line);
  const Check* check = check_of(first, "deflated_sharpe");
  ASSERT_NE(check, nullptr);
  EXPECT_FALSE(check->value);
  EXPECT_TRUE(check->pass);
  EXPECT_NE(check->note.find("not known yet, for of 40 models that were tried"), std::string::npos)
      << check->note;
  // One that was not chosen among several owes luck nothing: the chance that its ratio is above 0.
  line.trials = 1;
  const Verdict alone = judge("{}", line);
  const auto own = stats::return_moments(line.paired.challenger_returns).value();
  const double rows = static_cast<double>(line.paired.challenger_returns.size()), sharpe = own.sharpe();
  const double z = sharpe * std::sqrt(rows - 1) /
                   std::sqrt(1 - own.skewness * sharpe + (own.kurtosis - 1) / 4 * sharpe * sharpe);
  EXPECT_NEAR(check_of(alone, "deflated_sharpe")->value.value(), 0.5 * std::erfc(-z / std::sqrt(2.0)), 1e-9);
}

}  // namespace
}  // namespace pawl::gates
