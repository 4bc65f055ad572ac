// The composite score, its two forms, and the quorum over a group of lines.
#include <gtest/gtest.h>

#include <cmath>

#include "gates/gate_policy.h"

namespace pawl::gates {
namespace {

struct Four {
  double accuracy = 0.5, f1 = 0.5, sharpe = 0, annual_return = 0;
};

Scorecard card(const Four& four) {
  Scorecard made;
  made.set("accuracy", four.accuracy);
  made.set("f1", four.f1);
  made.set("sharpe", four.sharpe);
  made.set("annual_return", four.annual_return);
  return made;
}

Evidence evidence(const std::string& symbol, const Four& champion, const Four& challenger) {
  Evidence line;
  line.line = "forex-weekly/" + symbol;
  line.symbol = symbol;
  line.champion = VersionNumber{3};
  line.challenger = VersionNumber{4};
  line.rows = 1000;
  line.champion_scores = card(champion);
  line.challenger_scores = card(challenger);
  return line;
}

std::vector<Verdict> judge(std::string_view yaml, std::span<const Evidence> group) {
  const GatePolicyKind* kind = find_gate_policy_kind("composite");
  auto settings = Settings::read(kind->schema, *parse_yaml(yaml, "test"), "gate");
  if (!settings) {
    ADD_FAILURE() << settings.error().message;
    return {};
  }
  return (*kind->make(*settings))->judge(group);
}

Verdict judge_one(std::string_view yaml, const Evidence& line) {
  return judge(yaml, std::span(&line, 1)).at(0);
}

// With Sharpe and return at zero on both sides, the score is .2 accuracy + .3 F1 + .25.
Evidence grown_by(const std::string& symbol, double share) {
  const double score = 0.2 * 0.5 + 0.3 * 0.5 + 0.25;  // 0.5
  return evidence(symbol, {}, {.accuracy = 0.5 + share * score / 0.2});
}

TEST(CompositeScaled, TheScoreIsTheWeightedSumOnOneScale) {
  const Four champion{.accuracy = 0.55, .f1 = 0.50, .sharpe = -0.8, .annual_return = -0.10};
  const Four challenger{.accuracy = 0.57, .f1 = 0.52, .sharpe = 1.1, .annual_return = 0.06};
  const auto score = [](const Four& four) {
    return 0.2 * four.accuracy + 0.3 * four.f1 + 0.3 * 0.5 * (1 + std::tanh(four.sharpe / 2)) +
           0.2 * 0.5 * (1 + std::tanh(four.annual_return / 0.2));
  };
  const auto verdict = judge_one("{}", evidence("EUR_USD", champion, challenger));
  EXPECT_EQ(verdict.decision, Decision::promote);
  ASSERT_EQ(verdict.checks.at(0).name, "score");
  EXPECT_NEAR(*verdict.checks[0].value, score(challenger), 1e-15);
  EXPECT_NEAR(*verdict.checks[0].limit, 1.02 * score(champion), 1e-15);
}

TEST(CompositeScaled, TwoPercentIsImprovedAndLessIsNot) {
  struct Row {
    double share;
    Decision expected;
    const char* reason;
  };
  const Row rows[] = {
      {0.035, Decision::promote, "EUR_USD: +3.5 % improved"},
      {0.02, Decision::promote, "EUR_USD: +2.0 % improved"},
      {0.0199, Decision::keep, "EUR_USD: +1.99 % (below 2 % threshold)"},
      {0.018, Decision::keep, "EUR_USD: +1.8 % (below 2 % threshold)"},
      {0.0, Decision::keep, "EUR_USD: +0.0 % (below 2 % threshold)"},
      {-0.012, Decision::keep, "EUR_USD: -1.2 % (below 2 % threshold)"},
  };
  for (const Row& row : rows) {
    const auto verdict = judge_one("{}", grown_by("EUR_USD", row.share));
    EXPECT_EQ(verdict.decision, row.expected) << row.share;
    EXPECT_EQ(verdict.reasons.at(0), row.reason);
  }
}

TEST(CompositeScaled, ZeroAndNegativeChampionsHaveAPlaceOnTheScale) {
  // A champion that loses money is worse than one that does nothing, which is worse than one that earns.
  const Four losing{.sharpe = -1, .annual_return = -0.2}, flat{}, earning{.sharpe = 1, .annual_return = 0.2};
  EXPECT_EQ(judge_one("{}", evidence("X", losing, flat)).decision, Decision::promote);
  EXPECT_EQ(judge_one("{}", evidence("X", flat, losing)).decision, Decision::keep);
  EXPECT_EQ(judge_one("{}", evidence("X", flat, earning)).decision, Decision::promote);
  EXPECT_EQ(judge_one("{}", evidence("X", losing, losing)).decision, Decision::keep);
  // Everything that can be wrong is wrong: tanh is −1 to the last bit.
  const Four nothing{.accuracy = 0, .f1 = 0, .sharpe = -1000, .annual_return = -1000};
  EXPECT_EQ(judge_one("{}", evidence("X", nothing, nothing)).decision, Decision::keep);
  EXPECT_EQ(judge_one("{}", evidence("X", nothing, losing)).decision, Decision::promote);
}

TEST(CompositeScaled, AChampionThatNoLongerTradesDoesNotHoldItsPlaceByThat) {
  Evidence line = evidence("EUR_USD", {}, {.accuracy = 0.6, .f1 = 0.6});
  line.champion_scores = Scorecard{};
  line.champion_scores.set("accuracy", 0.5);
  line.champion_scores.set("f1", 0.5);
  line.champion_scores.set_undefined("sharpe", "no trades");
  line.champion_scores.set_undefined("annual_return", "no trades");
  auto verdict = judge_one("{}", line);
  EXPECT_EQ(verdict.decision, Decision::promote);
  EXPECT_NEAR(*verdict.checks.at(0).value, 0.6, 1e-15);
  EXPECT_NE(verdict.checks[0].note.find("champion's sharpe is undefined (no trades) and left out"),
            std::string::npos)
      << verdict.checks[0].note;

  line.champion_scores = Scorecard{};
  EXPECT_EQ(judge_one("{}", line).decision, Decision::insufficient);
}

TEST(CompositeScaled, AChallengerThatDoesNotTradeIsNotJudged) {
  Evidence line = evidence("EUR_USD", {}, {});
  line.challenger_scores = Scorecard{};
  line.challenger_scores.set("accuracy", 0.9);
  line.challenger_scores.set("f1", 0.9);
  line.challenger_scores.set_undefined("sharpe", "no trades");
  const auto verdict = judge_one("{}", line);
  EXPECT_EQ(verdict.decision, Decision::insufficient);
  EXPECT_EQ(verdict.reasons.at(0),
            "EUR_USD: counts as not improved (the challenger's sharpe is undefined (no trades))");
  EXPECT_EQ(verdict.reasons.at(1), "0/1 improved → keep");
}

TEST(CompositeRelative, IsTheOriginalsSumOfRelativeChanges) {
  // .2·(.55−.5)/.5 + .3·(.51−.5)/.5 + .3·(1.1−1)/1 + .2·(.08−.1)/.1 = .02 + .006 + .03 − .04 = .016
  const Four champion{.accuracy = 0.5, .f1 = 0.5, .sharpe = 1, .annual_return = 0.1};
  auto verdict = judge_one(
      "{form: relative}",
      evidence("EUR_USD", champion, {.accuracy = 0.55, .f1 = 0.51, .sharpe = 1.1, .annual_return = 0.08}));
  EXPECT_EQ(verdict.decision, Decision::keep);
  EXPECT_NEAR(*verdict.checks.at(0).value, 0.016, 1e-12);
  EXPECT_EQ(verdict.reasons.at(0), "EUR_USD: +1.6 % (below 2 % threshold)");

  // Exactly two percent is not above two percent.
  verdict = judge_one(
      "{form: relative}",
      evidence("EUR_USD", champion, {.accuracy = 0.55, .f1 = 0.5, .sharpe = 1, .annual_return = 0.1}));
  EXPECT_EQ(verdict.decision, Decision::keep);
  EXPECT_EQ(verdict.reasons.at(0), "EUR_USD: +2.0 % (not above 2 % threshold)");
  verdict = judge_one(
      "{form: relative}",
      evidence("EUR_USD", champion, {.accuracy = 0.551, .f1 = 0.5, .sharpe = 1, .annual_return = 0.1}));
  EXPECT_EQ(verdict.decision, Decision::promote);
}

TEST(CompositeRelative, ScoresOfTheChampionAtOrBelowZeroAreLeftOut) {
  const Four champion{.accuracy = 0.5, .f1 = 0.5, .sharpe = -1, .annual_return = 0};
  const auto verdict = judge_one(
      "{form: relative}",
      evidence("EUR_USD", champion, {.accuracy = 0.6, .f1 = 0.5, .sharpe = -9, .annual_return = -9}));
  EXPECT_EQ(verdict.decision, Decision::promote);  // the trap that made `scaled` the default
  EXPECT_NEAR(*verdict.checks.at(0).value, 0.04, 1e-12);

  const auto undefined =
      judge_one("{form: relative}",
                evidence("EUR_USD", {.accuracy = 0, .f1 = 0, .sharpe = -1, .annual_return = -1}, {}));
  EXPECT_EQ(undefined.decision, Decision::insufficient);
  EXPECT_EQ(undefined.reasons.at(0),
            "EUR_USD: counts as not improved (none of the champion's 4 scores is above 0)");
}

TEST(CompositeQuorum, TwoOfFourImprovedMovesTheImprovedOnes) {
  const std::vector<Evidence> group = {grown_by("EUR_USD", 0.035), grown_by("GBP_USD", 0.018),
                                       grown_by("USD_JPY", 0.05), grown_by("AUD_USD", -0.01)};
  const auto verdicts = judge("{}", group);
  ASSERT_EQ(verdicts.size(), 4u);
  EXPECT_EQ(verdicts[0].decision, Decision::promote);
  EXPECT_EQ(verdicts[1].decision, Decision::keep);
  EXPECT_EQ(verdicts[2].decision, Decision::promote);
  EXPECT_EQ(verdicts[3].decision, Decision::keep);
  EXPECT_EQ(verdicts[0].reasons,
            (std::vector<std::string>{"EUR_USD: +3.5 % improved", "2/4 improved → deploy"}));
  EXPECT_EQ(verdicts[1].reasons,
            (std::vector<std::string>{"GBP_USD: +1.8 % (below 2 % threshold)", "2/4 improved → deploy"}));
}

TEST(CompositeQuorum, DeployAllShipsTheWorseLinesToo) {
  const std::vector<Evidence> group = {grown_by("EUR_USD", 0.035), grown_by("GBP_USD", 0.018),
                                       grown_by("USD_JPY", 0.05), grown_by("AUD_USD", -0.01)};
  const auto verdicts = judge("{deploy: all}", group);
  for (const Verdict& verdict : verdicts) EXPECT_EQ(verdict.decision, Decision::promote);
  EXPECT_EQ(verdicts[3].reasons,
            (std::vector<std::string>{"2/4 improved → deploy", "AUD_USD: -1.0 % (below 2 % threshold)",
                                      "deploy all: every judged line of the 4 moves"}));
}

TEST(CompositeQuorum, OneOfFourIsTooFewAndKeepsTheImprovedOneToo) {
  const std::vector<Evidence> group = {grown_by("EUR_USD", 0.035), grown_by("GBP_USD", 0.018),
                                       grown_by("USD_JPY", 0.0), grown_by("AUD_USD", -0.01)};
  for (const char* settings : {"{}", "{deploy: all}"}) {
    const auto verdicts = judge(settings, group);
    for (const Verdict& verdict : verdicts) EXPECT_EQ(verdict.decision, Decision::keep);
    EXPECT_EQ(verdicts[0].reasons,
              (std::vector<std::string>{"1/4 improved → keep", "EUR_USD: +3.5 % improved",
                                        "quorum: 2 of 4 lines must improve"}));
  }
}

TEST(CompositeQuorum, AnIneligibleLineCountsAsNotImprovedAndNeverMoves) {
  std::vector<Evidence> group = {grown_by("EUR_USD", 0.035), grown_by("GBP_USD", 0.05),
                                 grown_by("USD_JPY", 0.05)};
  group[1].eligible = false;
  group[1].why_ineligible = "no bars in 2019";
  group[2].rows = 199;
  auto verdicts = judge("{deploy: all}", group);
  EXPECT_EQ(verdicts[0].decision, Decision::keep);
  EXPECT_EQ(verdicts[1].decision, Decision::insufficient);
  EXPECT_EQ(verdicts[2].decision, Decision::insufficient);
  EXPECT_EQ(verdicts[1].reasons.at(0),
            "GBP_USD: counts as not improved (not eligible with 1000 judged rows: no bars in 2019)");
  EXPECT_EQ(verdicts[2].reasons.at(0), "USD_JPY: counts as not improved (199 judged rows, 200 are needed)");
  EXPECT_EQ(verdicts[2].reasons.at(1), "1/3 improved → keep");

  group[2].rows = 200;
  verdicts = judge("{deploy: all}", group);
  EXPECT_EQ(verdicts[0].decision, Decision::promote);
  EXPECT_EQ(verdicts[1].decision, Decision::insufficient);
  EXPECT_EQ(verdicts[2].decision, Decision::promote);
}

TEST(CompositeQuorum, AGroupSmallerThanTheQuorumNeedsAllOfItsLines) {
  EXPECT_EQ(judge_one("{quorum: 2}", grown_by("EUR_USD", 0.03)).decision, Decision::promote);
  std::vector<Evidence> two = {grown_by("EUR_USD", 0.03), grown_by("GBP_USD", 0.01)};
  EXPECT_EQ(judge("{quorum: 3}", two)[0].decision, Decision::keep);
  two[1] = grown_by("GBP_USD", 0.03);
  EXPECT_EQ(judge("{quorum: 3}", two)[0].decision, Decision::promote);
  EXPECT_TRUE(judge("{}", {}).empty());
}

}  // namespace
}  // namespace pawl::gates
