// What a line remembers of its contests, and what it says of them to the next one.
#include "domain/contest_history.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

constexpr TimeMs kStart = 1'700'000'000'000;
constexpr TimeMs kYear = 31'557'600'000;  // 365.25 days

Evidence told(const ContestHistory& history, TimeMs now, const Json& training = Json::object()) {
  Evidence evidence;
  evidence.years_since_contest = 99;  // whatever stood there before
  history.tell(evidence, now, training);
  return evidence;
}

TEST(ContestHistory, OfNoContestHasNoPast) {
  const Evidence first = told({}, kStart);
  EXPECT_TRUE(first.earlier_contests.empty());
  EXPECT_EQ(first.trials, 1) << "this one";
  EXPECT_FALSE(first.years_since_contest);
  EXPECT_FALSE(first.overfitting_probability);
}

TEST(ContestHistory, TellsTheNewestFirstAndTheTimeSince) {
  ContestHistory history;
  history.take(true, ContestDifference{.points = 1}, 1, kStart);
  history.take(true, ContestDifference{.points = 2}, 2, kStart + kYear);
  const Evidence next = told(history, kStart + kYear + kYear / 4);
  ASSERT_EQ(next.earlier_contests.size(), 2U);
  EXPECT_EQ(next.earlier_contests[0].points, 2);
  EXPECT_EQ(next.earlier_contests[1].points, 1);
  EXPECT_EQ(next.trials, 3);
  EXPECT_DOUBLE_EQ(*next.years_since_contest, 0.25);
  EXPECT_EQ(told(history, kStart + kYear).years_since_contest, 0);
}

TEST(ContestHistory, EveryTrialOfASearchWasTried) {
  ContestHistory history;
  const Json search = {{"search", Json::array({1, 2, 3, 4})}, {"overfitting", {{"probability", 0.4}}}};
  const Evidence searched = told(history, kStart, search);
  EXPECT_EQ(searched.trials, 4) << "the challenger is one of them";
  EXPECT_EQ(searched.overfitting_probability, 0.4);
  history.take(true, ContestDifference{}, searched.trials, kStart);
  EXPECT_EQ(told(history, kStart + 1).trials, 5);
  EXPECT_EQ(told(history, kStart + 1, search).trials, 8);
  EXPECT_EQ(told(history, kStart + 1, {{"search", Json::array()}, {"overfitting", nullptr}}).trials, 5);
}

// One that was held and could not say by how much the sides differ used its chance and a trial all the same.
TEST(ContestHistory, AContestWithoutADifferenceIsATrialAndAnAttempt) {
  ContestHistory history;
  history.take(true, std::nullopt, 1, kStart);
  const Evidence next = told(history, kStart + kYear);
  EXPECT_TRUE(next.earlier_contests.empty());
  EXPECT_EQ(next.trials, 2);
  EXPECT_DOUBLE_EQ(*next.years_since_contest, 1);
}

// Too few rows test no claim: the next contest has its whole chance, but one more was tried.
TEST(ContestHistory, AContestWithoutAnAnswerIsATrialOnly) {
  ContestHistory history;
  history.take(true, ContestDifference{.points = 1}, 1, kStart);
  history.take(false, ContestDifference{.points = 9}, 2, kStart + kYear / 2);
  const Evidence next = told(history, kStart + kYear);
  ASSERT_EQ(next.earlier_contests.size(), 1U);
  EXPECT_EQ(next.earlier_contests[0].points, 1);
  EXPECT_EQ(next.trials, 3);
  EXPECT_DOUBLE_EQ(*next.years_since_contest, 1);
}

TEST(ContestHistory, RemembersAHundred) {
  ContestHistory history;
  for (int i = 1; i <= 130; ++i) history.take(true, ContestDifference{.points = 1.0 * i}, i, kStart + i);
  const Evidence next = told(history, kStart + 131);
  ASSERT_EQ(next.earlier_contests.size(), ContestHistory::kRemembered);
  EXPECT_EQ(next.earlier_contests.front().points, 130);
  EXPECT_EQ(next.earlier_contests.back().points, 31);
  EXPECT_EQ(next.trials, 131) << "trials are counted for ever";
}

// What a run's document keeps, and a process that comes later takes again.
TEST(ContestHistory, ADifferenceSurvivesItsJson) {
  for (const std::optional<double> sharpe : {std::optional<double>(0.1 / 3), std::optional<double>()}) {
    const ContestDifference made{.return_a_bar = 1e-5 / 3,
                                 .points = -0.7,
                                 .standard_error = 1.1,
                                 .block = 13.25,
                                 .challenger_sharpe = sharpe};
    const auto text = parse_json(to_json(made).dump());
    ASSERT_TRUE(text);
    const auto read = contest_difference_from_json(*text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->return_a_bar, made.return_a_bar);
    EXPECT_EQ(read->points, made.points);
    EXPECT_EQ(read->standard_error, made.standard_error);
    EXPECT_EQ(read->block, made.block);
    EXPECT_EQ(read->challenger_sharpe, made.challenger_sharpe);
  }
}

}  // namespace
}  // namespace pawl
