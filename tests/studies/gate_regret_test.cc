// Regret against the best that could have been chosen: never below nothing, nothing where there is no choice.
#include "studies/gate_regret.h"

#include <gtest/gtest.h>

namespace pawl::studies {
namespace {

TEST(GateRegret, NobodyDoesBetterThanWhoKnowsTheTruth) {
  const auto study = measure_regret({.seeds = 2, .bars = 10'500, .seed = 3, .threads = 2}, {});
  ASSERT_TRUE(study) << study.error().message;
  for (const PolicyRegret& row : study->rows) {
    for (const double regret : row.by_seed) EXPECT_GE(regret, -1e-9) << row.policy << " " << row.form;
    EXPECT_LE(row.low, row.mean);
    EXPECT_GE(row.high, row.mean);
  }
  EXPECT_LT(study->trainings_done * 3, study->trainings_asked) << "policies share their trainings";
  const auto of = [&](const std::string& policy, const std::string& market) {
    for (const PolicyRegret& row : study->rows) {
      if (row.policy == policy && row.market == market) return row;
    }
    return PolicyRegret{};
  };
  EXPECT_GT(of("never", "slow drift").mean, of("always", "slow drift").mean);
  EXPECT_EQ(of("never", "").promotions, 1) << "the first model";
}

TEST(GateRegret, IsTheSameAtAnyNumberOfThreadsAndComesBackFromItsJson) {
  const RegretOptions one{.seeds = 1, .bars = 9'000, .seed = 5, .threads = 1};
  RegretOptions three = one;
  three.threads = 3;
  const auto first = measure_regret(one, {}), second = measure_regret(three, {});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(to_json(*first).dump(), to_json(*second).dump());
  const auto again = regret_study_from_json(to_json(*first));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again).dump(), to_json(*first).dump());
  EXPECT_FALSE(regret_study_from_json(*parse_json("{}")));
}

}  // namespace
}  // namespace pawl::studies
