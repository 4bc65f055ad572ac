// Every shipped recipe on real bars: the same decisions in another folder, at another number of threads, in
// another time zone and language; others with another seed; and every prediction again in an audit.
#include "e2e/recipe_case.h"

namespace pawl::test {
namespace {

std::int64_t predictions_in(const Json& report) {
  const Json& decisions = report["decisions"];
  return std::count_if(decisions.begin(), decisions.end(), [](const Json& decision) {
    return decision["kind"] == "prediction" || decision["kind"] == "trade_signal";
  });
}

void expect_the_same_anywhere(const RecipeCase& some) {
  RecipeCase shorter = some;
  shorter.to = some.short_to;
  const CopiedInputs inputs(shorter, {}, 0);

  const TempFolder here, there, seeded;
  const Json first = replay_recipe(shorter, inputs, here.path(), Words{"--threads", "1"});
  ASSERT_FALSE(first.is_null());
  ASSERT_GE(first["runs"].size(), 2U);
  ASSERT_GT(predictions_in(first), 0);

  RunOptions far_away;
  far_away.env = {{"TZ", "Asia/Tokyo"}, {"LC_ALL", "de_DE.UTF-8"}, {"LANG", "de_DE.UTF-8"}};
  far_away.working_folder = there.path();
  // Its files elsewhere too.
  const CopiedInputs others(shorter, {}, 0);
  const Json second = replay_recipe(shorter, others, there.path(), Words{"--threads", "2"}, far_away);
  EXPECT_EQ(second["decisions_sha256"], first["decisions_sha256"]);
  EXPECT_TRUE(second["decisions"] == first["decisions"]);
  EXPECT_TRUE(second["runs"] == first["runs"]) << "scores and all, to the last bit";
  EXPECT_EQ(second["versions"], first["versions"]) << "content hashes and all";
  EXPECT_TRUE(read_file(there / "events.ndjson") == read_file(here / "events.ndjson"));

  const Json other = replay_recipe(shorter, inputs, seeded.path(), Words{"--seed", "2"});
  EXPECT_NE(other["decisions_sha256"], first["decisions_sha256"]);

  expect_clean_audit(here / "data", predictions_in(first));
  expect_clean_audit(there / "data", predictions_in(second));
  expect_clean_audit(seeded / "data", predictions_in(other));
}

TEST(DecisionsOfForexWeekly, AreTheSameAnywhereAndComeOutAgain) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  expect_the_same_anywhere(forex_weekly());
}

TEST(DecisionsOfStocksDaily, AreTheSameAnywhereAndComeOutAgain) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  expect_the_same_anywhere(stocks_daily());
}

TEST(DecisionsOfQqqMinute, AreTheSameAnywhereAndComeOutAgain) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  expect_the_same_anywhere(qqq_minute());
}

TEST(DecisionsOfTradeFilter, AreTheSameAnywhereAndComeOutAgain) {
  if (!shared_data()) GTEST_SKIP() << kNoSharedData;
  expect_the_same_anywhere(trade_filter());
}

}  // namespace
}  // namespace pawl::test
