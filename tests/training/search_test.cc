// The search of a full retrain: what is tried, how far each trial gets, and what is told of it.
#include "training/search.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "training/job_support.h"

namespace pawl::training {
namespace {

Job searching(int trials) {
  Job job = small_job();
  job.search = {.trials = trials,
                .leak_repetitions = 0,
                .space = {{"depth", {"1", "2", "3", "4", "5"}}, {"learning_rate", {"0.05", "0.3", "1"}}}};
  return job;
}

TEST(SearchSplits, TestEveryGroupAsOftenWhereverTheyAreCutOff) {
  const Job job = searching(3);
  const auto prepared = prepare(job, 1);
  ASSERT_TRUE(prepared);
  const auto splits = search_splits(job, prepared->rows);
  ASSERT_TRUE(splits);
  ASSERT_EQ(splits->size(), 15u);
  std::map<std::size_t, int> uses;
  for (std::size_t i = 0; i < splits->size(); ++i) {
    for (const std::size_t group : (*splits)[i].groups) ++uses[group];
    EXPECT_EQ((*splits)[i].part_ends.back(), (*splits)[i].rows.test.size());
    if (i != 2) continue;
    ASSERT_EQ(uses.size(), 6u) << "three splits test all six groups";
  }
  for (const auto& [group, times] : uses) EXPECT_EQ(times, 5) << group;
  EXPECT_EQ(rung_splits(*splits, 3), (std::vector<std::size_t>{3, 9, 15}));
  EXPECT_EQ(rung_splits(*splits, 10), (std::vector<std::size_t>{3, 15}));
  Job other = job;
  other.seed = 5;
  const auto elsewhere = search_splits(other, prepared->rows);
  bool differs = false;
  for (std::size_t i = 0; i < 15; ++i) differs |= (*elsewhere)[i].groups != (*splits)[i].groups;
  EXPECT_TRUE(differs) << "which go first is drawn";
}

TEST(SearchSplits, ArePurgedByTimesAndEmbargoed) {
  const Job job = searching(3);
  const auto prepared = prepare(job, 1);
  const auto splits = search_splits(job, prepared->rows);
  ASSERT_TRUE(splits);
  const auto& times = prepared->rows.times;
  for (const SearchSplit& split : *splits) {
    for (const std::size_t train : split.rows.train) {
      for (const std::size_t test : split.rows.test) {
        ASSERT_TRUE(times[train].label_known_at < times[test].known_at ||
                    times[train].known_at > times[test].label_known_at + job.embargo_ms);
      }
    }
  }
}

TEST(Search, TakesTheBestFurtherAndTellsOfEveryTrial) {
  const JobResult result = result_of(searching(12));
  const Json& trials = result.report["search"];
  ASSERT_EQ(trials.size(), 12u);
  std::map<int, int> reached;
  int chosen = 0;
  double best = 1e9;
  for (const Json& trial : trials) {
    const int rung = trial["rung"].get<int>();
    ++reached[rung];
    EXPECT_EQ(trial["splits"].get<int>(), rung == 1 ? 3 : rung == 2 ? 9 : 15);
    if (rung == 3) best = std::min(best, trial["log_loss"].get<double>());
    chosen += trial["chosen"].get<bool>() ? 1 : 0;
  }
  // Eleven others, of which four go on, of which two go on; trial 0 is always with them.
  EXPECT_EQ(reached, (std::map<int, int>{{1, 7}, {2, 2}, {3, 3}}));
  EXPECT_EQ(chosen, 1);
  EXPECT_EQ(trials[0]["settings"], small_job().model_settings);
  EXPECT_EQ(trials[0]["rung"], 3);
  for (const Json& trial : trials) {
    if (!trial["chosen"].get<bool>()) continue;
    EXPECT_EQ(trial["log_loss"].get<double>(), best);
    EXPECT_EQ(trial["settings"], result.model_settings);
  }
}

TEST(Search, SaysHowProbableItIsThatItsChoiceIsOverfitted) {
  const Json enough = result_of(searching(14)).report["overfitting"];
  ASSERT_GE(enough["configurations"].get<int>(), 10);
  EXPECT_EQ(enough["groups"], 6);
  EXPECT_EQ(enough["halves"], 20);
  EXPECT_GE(enough["probability"].get<double>(), 0);
  EXPECT_LE(enough["probability"].get<double>(), 1);
  const Json few = result_of(searching(4)).report["overfitting"];
  EXPECT_TRUE(few["probability"].is_null());
  EXPECT_EQ(few["why"].get<std::string>().find("different configurations, of which 10 are needed"), 2u)
      << few;
}

TEST(Search, IsTheSameAtAnyThreadCountAndAnotherWithAnotherSeed) {
  Job job = searching(6);
  job.search.leak_repetitions = 3;
  const JobResult one = result_of(job, 1), two = result_of(job, 2);
  EXPECT_EQ(one.report, two.report);
  EXPECT_EQ(one.artifact.model_bytes, two.artifact.model_bytes);
  job.seed = 7;
  EXPECT_NE(result_of(job, 1).report["search"], one.report["search"]);
}

TEST(Search, OnTheNewestFoldsScoresEveryTrialOnEachOfThem) {
  Job job = searching(5);
  job.search.form = JobSearch::Form::newest;
  job.search.folds = 2;
  for (const Json& trial : result_of(job).report["search"]) {
    EXPECT_EQ(trial["rung"], 1);
    EXPECT_EQ(trial["splits"], 2);
  }
}

TEST(Search, OfOneTrialFitsTheJobsOwnSettings) {
  const JobResult result = result_of(searching(1));
  ASSERT_EQ(result.report["search"].size(), 1u);
  EXPECT_EQ(result.model_settings, small_job().model_settings);
  EXPECT_EQ(result.report["search"][0]["splits"], 15);
}

TEST(Search, SaysWhatIsMissing) {
  Job job = searching(3);
  job.series[0].rows_from = job.series[0].bars.close_time(670);
  const auto ran = run_job(job, 1, {});
  ASSERT_FALSE(ran.has_value());
  EXPECT_EQ(ran.error().code, ErrorCode::insufficient_data);
  EXPECT_NE(ran.error().message.find("6 groups of which 2 are tested"), std::string::npos)
      << ran.error().message;
}

TEST(Search, CountsItsTrainings) {
  std::uint64_t done = 0, total = 0;
  ASSERT_TRUE(run_job(searching(12), 1, [&](const ProgressUpdate& update) {
    if (update.stage != "search") return;
    EXPECT_GE(update.done, done);
    done = update.done;
    total = update.total;
  }));
  EXPECT_EQ(total, 12u * 3 + 5u * 6 + 3u * 6);
  EXPECT_EQ(done, total);
}

}  // namespace
}  // namespace pawl::training
