// What a comparison says, against figures worked out by hand from what the arena's policies did.
#include "studies/comparison.h"

#include <cmath>
#include <numeric>

#include "studies/study_rig.h"
#include "support/future_check.h"

namespace pawl::studies {
namespace {

std::vector<Policy> some_policies() {
  return {policy_of("better"), policy_of("always", {{"gate.policy", "always"}}),
          policy_of("the same as better"), policy_of("never", {{"gate.policy", "never"}}),
          policy_of("weekly", {{"auto_training.enabled", "false"},
                               {"triggers", R"([{kind: cron, schedule: "0 2 * * SUN"}])"}})};
}

TEST(Comparison, ScoresAreThoseOfTheReturnsAndOfTheRuns) {
  const auto arena = arena_of(some_policies(), {turning_bars(3000, 11)});
  const Comparison comparison = compare(*arena, {.baseline = "always"});
  ASSERT_EQ(comparison.policies.size(), 5U);
  EXPECT_EQ(comparison.policies[comparison.baseline].name, "always");
  for (std::size_t i = 0; i < comparison.policies.size(); ++i) {
    const PolicyScore& score = comparison.policies[i];
    const PolicyHistory& history = arena->histories()[i];
    double wealth = 1, peak = 1, drawdown = 0, sum = 0;
    for (const double value : history.returns) {
      if (std::isnan(value)) continue;
      wealth *= 1 + value;
      peak = std::max(peak, wealth);
      drawdown = std::max(drawdown, 1 - wealth / peak);
      sum += value;
    }
    EXPECT_NEAR(score.total_return, wealth - 1, 1e-12);
    EXPECT_NEAR(score.equity.back(), wealth, 1e-9);
    EXPECT_NEAR(score.max_drawdown, drawdown, 1e-12);
    EXPECT_EQ(score.trainings_asked, score.completed + score.promotions)
        << "a fit a run, a refit a promotion";
    double other = 0;
    for (const double value : arena->histories()[comparison.baseline].returns) {
      if (!std::isnan(value)) other += value;
    }
    const double count = static_cast<double>(history.portfolio.count());
    EXPECT_NEAR(score.to_baseline.a_year, (sum - other) / count * 8766, 1e-6);
    EXPECT_LE(score.to_baseline.interval.low, score.to_baseline.a_year);
    EXPECT_GE(score.to_baseline.interval.high, score.to_baseline.a_year);
  }
}

TEST(Comparison, AgeCountsFromTheRunThatMadeTheModel) {
  const auto arena = arena_of({policy_of("never", {{"gate.policy", "never"}})}, {turning_bars(3000, 11)});
  const Comparison comparison = compare(*arena, {.baseline = "never"});
  // The first model serves to the end: its age grows bar by bar.
  const LineHistory& line = arena->histories()[0].lines[0];
  ASSERT_EQ(line.swaps.size(), 1U);
  const std::vector<TimeMs>& closes = arena->markets()[0]->closes();
  const auto days = [&](TimeMs close) {
    return static_cast<double>(close - line.swaps[0].to.began_at) / static_cast<double>(kDayMs);
  };
  ASSERT_TRUE(comparison.policies[0].longest_age_days.has_value());
  EXPECT_NEAR(*comparison.policies[0].longest_age_days, days(closes.back()), 1e-9);
  EXPECT_NEAR(*comparison.policies[0].mean_age_days,
              (days(closes[line.swaps[0].bar]) + days(closes.back())) / 2, 1e-6);
  EXPECT_NE(comparison.verdict.find("There is one policy"), std::string::npos);
}

// A rollback may bring the rules back, which nobody trained: they have no age.
TEST(Comparison, ModelsThatWereTakenBackToTheRulesHaveTheAgeOfThoseThatServed) {
  const auto arena =
      arena_of({policy_of("watched", {{"gate.policy", "always"},
                                      {"shadow", "{when: always, rollback_e_value: 1.01, days: 60}"}})},
               {turning_bars(3000, 11)});
  const Comparison comparison = compare(*arena, {.baseline = "watched"});
  const LineHistory& line = arena->histories()[0].lines[0];
  EXPECT_EQ(comparison.policies[0].rollbacks, std::ranges::count_if(line.swaps, &Swap::back));
  EXPECT_TRUE(std::ranges::any_of(line.swaps, [](const Swap& swap) {
    return swap.back && swap.to.number.value == 0;
  })) << "shows nothing";
  double sum = 0, longest = 0;
  std::int64_t bars = 0;
  for (std::size_t bar = 0; bar < line.sides.size(); ++bar) {
    const Version& version = line.version_at(bar);
    if (version.number.value == 0 || line.sides[bar] == LineHistory::kNoPrediction) continue;
    const double days = static_cast<double>(arena->markets()[0]->closes()[bar] - version.began_at) /
                        static_cast<double>(kDayMs);
    sum += days;
    longest = std::max(longest, days);
    ++bars;
  }
  ASSERT_GT(bars, 100);
  ASSERT_TRUE(comparison.policies[0].mean_age_days.has_value());
  EXPECT_NEAR(*comparison.policies[0].mean_age_days, sum / static_cast<double>(bars), 1e-9);
  EXPECT_NEAR(*comparison.policies[0].longest_age_days, longest, 1e-9);
  EXPECT_LT(longest, 125) << "of 3,000 hours";
}

TEST(Comparison, PoliciesThatDecideAlikeAreSaidToBeAlike) {
  const auto arena = arena_of(some_policies(), {turning_bars(3000, 11)});
  const Comparison comparison = compare(*arena, {.baseline = "better"});
  const Difference& alike = comparison.policies[2].to_baseline;
  EXPECT_EQ(alike.a_year, 0);
  EXPECT_EQ(alike.interval.low, 0);
  EXPECT_EQ(alike.interval.high, 0);
  EXPECT_EQ(alike.p_value, 1);
  EXPECT_TRUE(comparison.policies[comparison.best].as_good_as_best);
  EXPECT_EQ(
      comparison.costs.trainings.asked,
      std::accumulate(comparison.policies.begin(), comparison.policies.end(), std::int64_t{0},
                      [](std::int64_t sum, const PolicyScore& one) { return sum + one.trainings_asked; }));
  EXPECT_LT(comparison.costs.trainings.done, comparison.costs.trainings.asked);
}

TEST(Comparison, ANeverTrainedTrendIsToldApartFromAModelThatHasUnderstood) {
  // A market whose pattern never turns: whoever trains once is right two thirds of the time.
  market::SimulatedSettings settings;
  settings.bars = 6000;
  settings.edge = 0.28;
  settings.volatility_bp = 80;
  settings.seed = 5;
  const std::vector<BarSeries> series = {market::simulate(settings, 3).bars};
  const auto arena = arena_of({policy_of("model", {{"gate.policy", "always"}}),
                               policy_of("rules", {{"auto_training.enabled", "false"}})},
                              series);
  const Comparison comparison = compare(*arena, {.baseline = "rules"});
  EXPECT_EQ(comparison.policies[comparison.best].name, "model");
  EXPECT_FALSE(comparison.policies[1].as_good_as_best);
  EXPECT_GT(comparison.policies[0].to_baseline.interval.low, 0);
  ASSERT_TRUE(comparison.spa.has_value());
  EXPECT_LT(comparison.spa->consistent, 0.05);
  EXPECT_NE(comparison.verdict.find("Worse beyond what chance explains: \"rules\""), std::string::npos)
      << comparison.verdict;
}

// What was decided by an instant does not change with what comes after it.
TEST(Comparison, AnotherFutureLeavesThePastAlone) {
  const BarSeries bars = turning_bars(3000, 12);
  const std::vector<Policy> policies = some_policies();
  const auto truth = arena_of(policies, {bars});
  for (const std::size_t cut : {1500U, 2222U, 2901U}) {
    for (const BarSeries& other : {test::with_scrambled_future(bars, cut, cut), bars.slice(0, cut)}) {
      const auto arena = arena_of(policies, {other});
      const TimeMs until = bars.close_time(cut - 1);
      for (std::size_t i = 0; i < policies.size(); ++i) {
        const PolicyHistory &a = truth->histories()[i], &b = arena->histories()[i];
        const auto upto = static_cast<std::ptrdiff_t>(cut);
        EXPECT_TRUE(
            std::equal(a.lines[0].sides.begin(), a.lines[0].sides.begin() + upto, b.lines[0].sides.begin()))
            << policies[i].name;
        for (std::size_t t = 0; t < cut; ++t) {
          EXPECT_TRUE(a.returns[t] == b.returns[t] || (std::isnan(a.returns[t]) && std::isnan(b.returns[t])));
        }
        for (std::size_t run = 0; run < a.runs.size() && a.runs[run].known_at <= until; ++run) {
          EXPECT_EQ(a.runs[run].to_json(), b.runs[run].to_json()) << policies[i].name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pawl::studies
