// What every gate policy promises, asked of each that is registered, with its default settings.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "base/random.h"
#include "gates/gate_policy.h"
#include "judging/paired.h"

namespace pawl::gates {
namespace {

const char* const kScores[] = {"accuracy",     "precision", "recall",       "f1",
                               "roc_auc",      "sharpe",    "total_return", "annual_return",
                               "max_drawdown", "win_rate",  "win_rate_net", "profit_factor",
                               "log_loss",     "brier",     "signals",      "trades"};

Scorecard card(double level) {
  Scorecard made;
  for (const char* name : kScores) made.set(name, level);
  return made;
}

Scorecard undefined_card() {
  Scorecard made;
  for (const char* name : kScores) made.set_undefined(name, "no trades");
  return made;
}

Evidence line(const std::string& symbol, double champion, double challenger, std::int64_t rows = 100000) {
  Evidence made;
  made.line = "contract/" + symbol;
  made.symbol = symbol;
  made.champion = VersionNumber{7};
  made.challenger = VersionNumber{8};
  made.judged_to = 100000 * kHourMs;
  made.rows = rows;
  made.champion_scores = card(champion);
  made.challenger_scores = card(challenger);
  made.majority_class_accuracy = 0.52;
  // Row by row for policies that resample: each side earns by its level, both with the same weather.
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    const double weather = 1e-3 * random.normal(), own = 1e-4 * random.normal();
    made.paired.champion_returns.push_back(1e-3 * champion + weather);
    made.paired.challenger_returns.push_back(1e-3 * challenger + weather + own);
    made.paired.champion_losses.push_back(0.7 - 0.1 * champion);
    made.paired.challenger_losses.push_back(0.7 - 0.1 * challenger);
  }
  made.paired.label_bars = 5;
  made.paired.return_per_point = 1e-5;
  made.difference = judging::difference_of(made.paired);
  return made;
}

bool has_number(const std::string& text) {
  return std::ranges::any_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

class GateContract : public testing::TestWithParam<const GatePolicyKind*> {
 protected:
  std::unique_ptr<GatePolicy> make() const {
    auto made = GetParam()->make(Settings::defaults(GetParam()->schema));
    if (made) return std::move(*made);
    ADD_FAILURE() << made.error().message;
    return nullptr;
  }
};

TEST_P(GateContract, IsFoundByItsNameAndExplainsItself) {
  EXPECT_EQ(find_gate_policy_kind(GetParam()->name), GetParam());
  EXPECT_FALSE(GetParam()->help.empty());
  for (const Setting& setting : GetParam()->schema.settings())
    EXPECT_FALSE(setting.help.empty()) << setting.name;
  EXPECT_NE(GetParam()->schema.find("min_rows"), nullptr);
}

TEST_P(GateContract, AnswersEveryLineInOrderWithAReasonAndNumbers) {
  const auto policy = make();
  std::vector<Evidence> group = {line("A", 0.5, 0.9), line("B", 0.9, 0.5), line("C", 0.7, 0.7),
                                 line("D", -1, 0.8), line("E", 0.8, -1)};
  group[2].first_model = true;
  group[1].earlier_champions = {card(0.6), card(0.95)};
  const auto verdicts = policy->judge(group);
  ASSERT_EQ(verdicts.size(), group.size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    EXPECT_EQ(verdicts[i].line, group[i].line);
    ASSERT_FALSE(verdicts[i].reasons.empty());
    for (const std::string& reason : verdicts[i].reasons) EXPECT_TRUE(has_number(reason)) << reason;
    for (const Check& check : verdicts[i].checks) EXPECT_FALSE(check.name.empty());
  }
  EXPECT_TRUE(policy->judge({}).empty());
}

TEST_P(GateContract, SameEvidenceSameVerdict) {
  const std::vector<Evidence> group = {line("A", 0.5, 0.9), line("B", 0.9, 0.5)};
  const auto first = make()->judge(group), second = make()->judge(group);
  for (std::size_t i = 0; i < group.size(); ++i) {
    EXPECT_EQ(first[i].decision, second[i].decision);
    EXPECT_EQ(first[i].reasons, second[i].reasons);
  }
}

TEST_P(GateContract, TooFewRowsAreInsufficient) {
  const std::int64_t min_rows = Settings::defaults(GetParam()->schema).integer("min_rows");
  if (min_rows == 0) return;
  const Evidence few = line("A", 0.1, 0.9, min_rows - 1);
  const auto verdict = make()->judge(std::span(&few, 1)).at(0);
  EXPECT_EQ(verdict.decision, Decision::insufficient);
  ASSERT_FALSE(verdict.reasons.empty());
  EXPECT_NE(verdict.reasons[0].find(std::to_string(min_rows)), std::string::npos) << verdict.reasons[0];
  const Evidence enough = line("A", 0.1, 0.9, min_rows);
  EXPECT_NE(make()->judge(std::span(&enough, 1)).at(0).decision, Decision::insufficient);
}

TEST_P(GateContract, AnIneligibleLineIsInsufficientAndSaysWhy) {
  std::vector<Evidence> group = {line("A", 0.5, 0.9), line("B", 0.5, 0.9), line("C", 0.5, 0.9)};
  group[1].eligible = false;
  group[1].why_ineligible = "no bars in 2019";
  const auto verdicts = make()->judge(group);
  EXPECT_EQ(verdicts[1].decision, Decision::insufficient);
  EXPECT_NE(verdicts[1].reasons.at(0).find("no bars in 2019"), std::string::npos) << verdicts[1].reasons[0];
  EXPECT_EQ(verdicts[0].decision, verdicts[2].decision);
}

TEST_P(GateContract, UndefinedScoresNeverPromoteAPolicyThatReadsThem) {
  Evidence neither = line("A", 0, 0);
  neither.champion_scores = neither.challenger_scores = undefined_card();
  Evidence challenger = line("B", 0.5, 0);
  challenger.challenger_scores = undefined_card();
  Evidence unscored = line("C", 0.5, 0);
  unscored.challenger_scores = Scorecard{};
  for (const Evidence& evidence : {neither, challenger, unscored}) {
    const auto verdict = make()->judge(std::span(&evidence, 1)).at(0);
    EXPECT_FALSE(verdict.reasons.empty());
    if (GetParam()->name == "always") {
      EXPECT_EQ(verdict.decision, Decision::promote);
    } else {
      EXPECT_NE(verdict.decision, Decision::promote);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllPolicies, GateContract, testing::ValuesIn([] {
                           std::vector<const GatePolicyKind*> kinds;
                           for (const GatePolicyKind& kind : gate_policy_kinds()) kinds.push_back(&kind);
                           return kinds;
                         }()),
                         [](const auto& kind) { return kind.param->name; });

TEST(GateKinds, AreSortedAndUnique) {
  const auto& kinds = gate_policy_kinds();
  EXPECT_TRUE(std::ranges::is_sorted(kinds, {}, &GatePolicyKind::name));
  EXPECT_EQ(std::ranges::adjacent_find(kinds, {}, &GatePolicyKind::name), kinds.end());
  EXPECT_EQ(find_gate_policy_kind("no such policy"), nullptr);
}

}  // namespace
}  // namespace pawl::gates
