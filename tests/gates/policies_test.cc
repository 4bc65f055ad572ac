// Every policy as a table: two scorecards and settings in, decision and first reason out. Boundaries are
// tried on both sides.
#include <gtest/gtest.h>

#include <map>

#include "gates/gate_policy.h"

namespace pawl::gates {
namespace {

using Scores = std::map<std::string, double>;

std::unique_ptr<GatePolicy> policy(std::string_view name, std::string_view yaml = "{}") {
  const GatePolicyKind* kind = find_gate_policy_kind(name);
  if (kind == nullptr) {
    ADD_FAILURE() << "no policy " << name;
    return nullptr;
  }
  auto node = parse_yaml(yaml, "test");
  auto settings = Settings::read(kind->schema, *node, "gate");
  if (!settings) {
    ADD_FAILURE() << settings.error().message;
    return nullptr;
  }
  auto made = kind->make(*settings);
  if (!made) {
    ADD_FAILURE() << made.error().message;
    return nullptr;
  }
  return std::move(*made);
}

Scorecard card(const Scores& scores) {
  Scorecard made;
  for (const auto& [name, value] : scores) made.set(name, value);
  return made;
}

Evidence evidence(const Scores& champion, const Scores& challenger, std::int64_t rows = 1000) {
  Evidence line;
  line.line = "test/EUR_USD";
  line.symbol = "EUR_USD";
  line.champion = VersionNumber{3};
  line.challenger = VersionNumber{4};
  line.rows = rows;
  line.champion_scores = card(champion);
  line.challenger_scores = card(challenger);
  return line;
}

Verdict judge_one(std::string_view name, std::string_view yaml, const Evidence& line) {
  return policy(name, yaml)->judge(std::span(&line, 1)).at(0);
}

std::string all_reasons(const Verdict& verdict) {
  std::string text;
  for (const std::string& reason : verdict.reasons) text += reason + "\n";
  return text;
}

testing::AssertionResult says(const Verdict& verdict, std::string_view words) {
  if (all_reasons(verdict).find(words) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "the reasons are:\n" << all_reasons(verdict);
}

// --- better

// B7.
TEST(Better, ChallengerMustBeStrictlyAboveChampionPlusMargin) {
  struct Row {
    double champion, challenger;
    const char* settings;
    Decision expected;
  };
  const Row rows[] = {
      {0.55, 0.56, "{}", Decision::promote},
      {0.55, 0.55, "{}", Decision::keep},
      {0.55, 0.54, "{}", Decision::keep},
      {0.55, 0.551, "{}", Decision::promote},
      {0.55, 0.56, "{margin: 0.01}", Decision::keep},
      {0.55, 0.5601, "{margin: 0.01}", Decision::promote},
      {0.70, 0.80, "{margin: 0.1}", Decision::keep},  // 0.7 + 0.1 is 0.7999999999999999 in doubles
  };
  for (const Row& row : rows) {
    const Evidence line = evidence({{"accuracy", row.champion}}, {{"accuracy", row.challenger}});
    EXPECT_EQ(judge_one("better", row.settings, line).decision, row.expected)
        << row.challenger << " against " << row.champion << " " << row.settings;
  }
}

TEST(Better, SaysBothNumbersAndTheRows) {
  const auto verdict = judge_one("better", "{}", evidence({{"accuracy", 0.561}}, {{"accuracy", 0.584}}, 480));
  EXPECT_EQ(
      verdict.reasons.at(0),
      "accuracy: 0.5840 of challenger v000004 is above 0.5610 of champion v000003 on the same 480 rows");
  ASSERT_EQ(verdict.checks.size(), 1u);
  EXPECT_EQ(verdict.checks[0].name, "accuracy");
  EXPECT_EQ(verdict.checks[0].value, 0.584);
  EXPECT_EQ(verdict.checks[0].limit, 0.561);
  EXPECT_TRUE(verdict.checks[0].pass);
}

TEST(Better, WritesAsManyDigitsAsTellTheNumbersApart) {
  const auto verdict =
      judge_one("better", "{}", evidence({{"accuracy", 0.56100}}, {{"accuracy", 0.56101}}, 100000));
  EXPECT_TRUE(says(verdict, "0.56101 of challenger"));
  EXPECT_TRUE(says(verdict, "above 0.56100 of champion"));
}

TEST(Better, FirstModelIsComparedWithTheRulesBaseline) {
  Evidence line = evidence({{"accuracy", 0.50}}, {{"accuracy", 0.49}});
  line.first_model = true;
  line.champion = VersionNumber{0};
  const auto verdict = judge_one("better", "{}", line);
  EXPECT_EQ(verdict.decision, Decision::keep);
  EXPECT_TRUE(says(verdict, "rules baseline v000000"));
}

TEST(Better, ComparesTheMetricItIsTold) {
  const Evidence line = evidence({{"accuracy", 0.6}, {"sharpe", -0.4}}, {{"accuracy", 0.5}, {"sharpe", 0.1}});
  EXPECT_EQ(judge_one("better", "{}", line).decision, Decision::keep);
  EXPECT_EQ(judge_one("better", "{metric: sharpe}", line).decision, Decision::promote);
}

TEST(Better, UndefinedOnEitherSideIsNoComparison) {
  Evidence line = evidence({{"accuracy", 0.6}}, {{"accuracy", 0.7}});
  line.challenger_scores.set_undefined("sharpe", "no trades");
  line.champion_scores.set("sharpe", 1.0);
  auto verdict = judge_one("better", "{metric: sharpe}", line);
  EXPECT_EQ(verdict.decision, Decision::insufficient);
  EXPECT_TRUE(says(verdict, "the challenger's sharpe is undefined (no trades)"));

  line.challenger_scores = card({{"f1", 0.5}});
  verdict = judge_one("better", "{metric: f1}", line);
  EXPECT_EQ(verdict.decision, Decision::insufficient);
  EXPECT_TRUE(says(verdict, "the champion's f1 is undefined (it was not scored)"));
}

// --- always, never

// E9: `always` is what its original did.
TEST(AlwaysAndNever, AnswerWhateverTheScores) {
  const Evidence worse = evidence({{"accuracy", 0.9}}, {{"accuracy", 0.1}}, 50);
  EXPECT_EQ(judge_one("always", "{}", worse).decision, Decision::promote);
  EXPECT_EQ(judge_one("never", "{}", evidence({{"accuracy", 0.1}}, {{"accuracy", 0.9}})).decision,
            Decision::keep);
  Evidence first = evidence({{"accuracy", 0.1}}, {{"accuracy", 0.9}});
  first.first_model = true;
  EXPECT_EQ(judge_one("never", "{}", first).decision, Decision::promote);
  EXPECT_EQ(judge_one("never", "{first_model: false}", first).decision, Decision::keep);
  EXPECT_EQ(judge_one("always", "{}", evidence({}, {}, 49)).decision, Decision::insufficient);
  EXPECT_EQ(judge_one("always", "{min_rows: 49}", evidence({}, {}, 49)).decision, Decision::promote);
}

// --- threshold

Scores five(double f1, double accuracy, double precision = 0.8, double recall = 0.8, double roc_auc = 0.8) {
  return {
      {"f1", f1}, {"accuracy", accuracy}, {"precision", precision}, {"recall", recall}, {"roc_auc", roc_auc}};
}

// D3.
TEST(Threshold, FloorsAreStrictInTheRelativeVariantAndInclusiveInTheAbsoluteOne) {
  struct Row {
    double f1, accuracy;
    Decision relative, absolute;
  };
  const Row rows[] = {
      {0.66, 0.71, Decision::promote, Decision::promote},     {0.65, 0.71, Decision::keep, Decision::promote},
      {0.66, 0.70, Decision::keep, Decision::promote},        {0.65, 0.70, Decision::keep, Decision::promote},
      {0.6499, 0.71, Decision::keep, Decision::keep},         {0.66, 0.6999, Decision::keep, Decision::keep},
      {0.6501, 0.7001, Decision::promote, Decision::promote},
  };
  for (const Row& row : rows) {
    Evidence first = evidence({}, {{"f1", row.f1}, {"accuracy", row.accuracy}});
    first.first_model = true;
    EXPECT_EQ(judge_one("threshold", "{}", first).decision, row.relative) << row.f1 << " " << row.accuracy;
    EXPECT_EQ(judge_one("threshold", "{variant: absolute}", first).decision, row.absolute)
        << row.f1 << " " << row.accuracy;
  }
}

TEST(Threshold, NoneOfFiveScoresMayFallMoreThanATenthBelowTheChampions) {
  const Scores champion = five(0.80, 0.80, 0.80, 0.80, 0.80);
  // 0.72 is exactly ten percent below; 0.8 · 0.9 is 0.72000000000000008 in doubles.
  EXPECT_EQ(judge_one("threshold", "{}", evidence(champion, five(0.72, 0.72, 0.72, 0.72, 0.72))).decision,
            Decision::promote);
  for (const char* score : {"f1", "accuracy", "precision", "recall", "roc_auc"}) {
    Scores challenger = five(0.75, 0.75, 0.75, 0.75, 0.75);
    challenger[score] = 0.7199;
    const auto verdict = judge_one("threshold", "{}", evidence(champion, challenger));
    EXPECT_EQ(verdict.decision, Decision::keep) << score;
    EXPECT_TRUE(verdict.reasons.at(0).starts_with(std::string(score) + " 0.7199 is more than 10 % below"))
        << all_reasons(verdict);
  }
}

TEST(Threshold, TheAbsoluteVariantLooksAtF1InPointsOnly) {
  // 0.80 − 0.70 is 0.10000000000000009 in doubles; it is a tenth to whoever wrote the numbers.
  const Scores champion = five(0.80, 0.95, 0.95, 0.95, 0.95);
  EXPECT_EQ(judge_one("threshold", "{variant: absolute}", evidence(champion, five(0.70, 0.71, 0.1, 0.1, 0.1)))
                .decision,
            Decision::promote);
  const auto verdict = judge_one("threshold", "{variant: absolute}", evidence(champion, five(0.699, 0.71)));
  EXPECT_EQ(verdict.decision, Decision::keep);
  EXPECT_TRUE(says(verdict, "f1 0.6990 is more than 0.1 below 0.8000 of the champion v000003"));
}

TEST(Threshold, CannotRatchetDownBelowTheBestOfTheLastChampions) {
  Evidence line = evidence(five(0.72, 0.75), five(0.66, 0.75));
  EXPECT_EQ(judge_one("threshold", "{}", line).decision, Decision::promote);
  line.earlier_champions = {card(five(0.72, 0.75)), card(five(0.80, 0.75)), card(five(0.90, 0.75))};
  auto verdict = judge_one("threshold", "{best_of_last: 2}", line);  // against 0.80: the limit is 0.72
  EXPECT_EQ(verdict.decision, Decision::keep);
  EXPECT_TRUE(says(verdict, "f1 0.6600 is more than 10 % below 0.8000 of the best of the last 2 champions"));
  EXPECT_EQ(judge_one("threshold", "{best_of_last: 1}", line).decision, Decision::promote);
  EXPECT_EQ(judge_one("threshold", "{best_of_last: 0}", line).decision, Decision::promote);
  verdict = judge_one("threshold", "{}", line);
  EXPECT_TRUE(says(verdict, "0.9000 of the best"));
}

TEST(Threshold, AFirstModelIsAskedForTheFloorsOnly) {
  Evidence line = evidence(five(0.99, 0.99, 0.99, 0.99, 0.99), five(0.66, 0.71));
  EXPECT_EQ(judge_one("threshold", "{}", line).decision, Decision::keep);
  line.first_model = true;
  const auto verdict = judge_one("threshold", "{}", line);
  EXPECT_EQ(verdict.decision, Decision::promote);
  EXPECT_EQ(verdict.checks.size(), 2u);
}

TEST(Threshold, ReportsEveryCheckWithTheMajorityClassBeside) {
  Evidence line = evidence(five(0.70, 0.72), five(0.68, 0.74));
  line.majority_class_accuracy = 0.53;
  const auto verdict = judge_one("threshold", "{}", line);
  ASSERT_EQ(verdict.checks.size(), 7u);
  EXPECT_EQ(verdict.checks[0].name, "min_f1");
  EXPECT_EQ(verdict.checks[0].value, 0.68);
  EXPECT_EQ(verdict.checks[0].limit, 0.65);
  EXPECT_EQ(verdict.checks[1].name, "min_accuracy");
  EXPECT_NE(verdict.checks[1].note.find("commonest class alone would score 0.5300"), std::string::npos);
  EXPECT_EQ(verdict.checks[2].name, "f1_against_champion");
  EXPECT_NEAR(*verdict.checks[2].limit, 0.63, 1e-12);
  EXPECT_TRUE(says(verdict, "commonest class alone would score 0.5300"));
}

TEST(Threshold, AMissingScoreIsNeverTakenForANumber) {
  Evidence line = evidence(five(0.7, 0.75), five(0.7, 0.75));
  line.challenger_scores = card({{"f1", 0.7}, {"accuracy", 0.75}, {"precision", 0.8}, {"recall", 0.8}});
  line.challenger_scores.set_undefined("roc_auc", "one class");
  auto verdict = judge_one("threshold", "{}", line);
  EXPECT_EQ(verdict.decision, Decision::insufficient);
  EXPECT_TRUE(verdict.reasons.at(0).starts_with("roc_auc_against_champion: ")) << verdict.reasons.at(0);

  // Undefined for both: the rows have one class, and nothing has dropped.
  line.champion_scores = line.challenger_scores;
  EXPECT_EQ(judge_one("threshold", "{}", line).decision, Decision::promote);

  // A floor that is broken outweighs a number that is missing.
  line.challenger_scores = card({{"f1", 0.1}});
  verdict = judge_one("threshold", "{}", line);
  EXPECT_EQ(verdict.decision, Decision::keep);
  EXPECT_EQ(verdict.reasons.at(0), "f1 0.1000 is not above 0.65");

  line.challenger_scores = card({{"f1", 0.9}});
  EXPECT_EQ(judge_one("threshold", "{}", line).decision, Decision::insufficient);
}

TEST(Threshold, AZeroChampionAllowsAnything) {
  const Evidence line = evidence(five(0, 0, 0, 0, 0), five(0.66, 0.71, 0, 0, 0));
  EXPECT_EQ(judge_one("threshold", "{}", line).decision, Decision::promote);
}

TEST(Threshold, SettingsMoveTheFloors) {
  const Evidence line = evidence(five(0.55, 0.55), five(0.52, 0.52));
  EXPECT_EQ(judge_one("threshold", "{min_accuracy: 0.50, min_f1: 0.5}", line).decision, Decision::promote);
  EXPECT_EQ(judge_one("threshold", "{min_accuracy: 0.52, min_f1: 0.5}", line).decision, Decision::keep);
}

// --- the settings themselves

TEST(Kinds, CompositeWeightsMustSumToOne) {
  const GatePolicyKind* kind = find_gate_policy_kind("composite");
  auto settings = Settings::read(kind->schema, *parse_yaml("{weight_f1: 0.5}", "test"), "gate");
  ASSERT_TRUE(settings) << settings.error().message;
  auto made = kind->make(*settings);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::bad_config);
  EXPECT_NE(made.error().message.find("sum to 1.2"), std::string::npos) << made.error().message;
}

TEST(Kinds, AMisspeltMetricIsRefused) {
  const GatePolicyKind* kind = find_gate_policy_kind("better");
  EXPECT_FALSE(Settings::read(kind->schema, *parse_yaml("{metric: acuracy}", "test"), "gate"));
  EXPECT_FALSE(Settings::read(kind->schema, *parse_yaml("{metric: log_loss}", "test"), "gate"));
}

}  // namespace
}  // namespace pawl::gates
