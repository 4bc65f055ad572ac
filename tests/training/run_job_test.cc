// The trainer is a pure function of its job.
#include <gtest/gtest.h>

#include "models/model_kind.h"
#include "support/test_files.h"
#include "training/job_support.h"

namespace pawl::training {
namespace {

TEST(RunJob, GivesTheSameBytesAtAnyThreadCount) {
  const Job job = small_job();
  const JobResult one = result_of(job, 1);
  for (const int threads : {2, 3})
    EXPECT_EQ(result_of(job, threads).artifact.model_bytes, one.artifact.model_bytes);
  Job other = job;
  other.seed = 100;
  EXPECT_NE(result_of(other).artifact.model_bytes, one.artifact.model_bytes);
}

TEST(RunJob, TrainsOnRowsWhoseLabelIsKnownByTheCut) {
  const Job job = small_job();
  const JobResult result = result_of(job);
  const BarSeries& bars = job.series[0].bars;
  EXPECT_EQ(result.artifact.trained_on.from, bars.close_time(100))
      << "the first bar that closes after rows_from";
  EXPECT_EQ(result.artifact.trained_on.to, bars.close_time(700 - 1 - 4)) << "h + 1 bars before the last";
  EXPECT_EQ(result.artifact.trained_on.rows, 596);
  EXPECT_EQ(result.artifact.data_cut, job.cut);
}

TEST(RunJob, LearnsTheSameFromACheckpointInTheMiddle) {
  const Job whole = small_job();
  auto list = features::FeatureList::parse(whole.features, kH1, MarketCalendar::utc_always());
  ASSERT_TRUE(list.has_value());
  datasets::FeatureHistory history(*list, 32);
  history.follow(whole.series[0].bars);
  const auto start = history.checkpoint_before(99);
  ASSERT_EQ(start.bar, 96U);
  Job cut = whole;
  cut.series[0].feature_state = start.state;
  cut.series[0].bars = whole.series[0].bars.slice(start.bar, 700);
  const JobResult a = result_of(whole), b = result_of(cut);
  EXPECT_EQ(a.artifact.model_bytes, b.artifact.model_bytes);
  EXPECT_EQ(a.artifact.trained_on.rows, b.artifact.trained_on.rows);
  EXPECT_EQ(a.artifact.self_test[3].row, b.artifact.self_test[3].row);
}

TEST(RunJob, RefitsWithExactlyTheFrozenRounds) {
  Job job = small_job();
  job.kind = JobKind::refit;
  job.frozen_rounds = 3;
  EXPECT_EQ(result_of(job).rounds, 3);
}

TEST(RunJob, LeavesVectorsThatTheLoadedModelReproduces) {
  const JobResult result = result_of(small_job());
  const auto model = models::find_model_kind("xgboost")->load(result.artifact.model_bytes);
  ASSERT_TRUE(model.has_value());
  for (const SelfTestVector& vector : result.artifact.self_test) {
    std::vector<double> again(2);
    (*model)->predict({vector.row, 1, vector.row.size()}, again);
    EXPECT_EQ(again, vector.probabilities);
  }
}

TEST(RunJob, RecordsWhatTheModelGoesBy) {
  const JobResult result = result_of(small_job());
  const auto importance = models::importance_from_json(result.artifact.importance);
  ASSERT_TRUE(importance) << importance.error().message;
  EXPECT_EQ(importance->kind, "gain");
  ASSERT_EQ(importance->columns.size(), small_job().features.size());
  double total = 0;
  for (const auto& column : importance->columns) total += column.share;
  EXPECT_NEAR(total, 1, 1e-12);

  const test::TempFolder folder;
  RealFileSystem files;
  ASSERT_TRUE(write_job(files, folder.path() / "job", small_job()));
  ASSERT_TRUE(write_result(files, folder.path() / "job", result));
  const auto read = read_result(files, folder.path() / "job");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->artifact.importance, result.artifact.importance);
}

TEST(RunJob, PoolsSymbolsInTimeOrder) {
  Job job = small_job();
  JobSeries second = job.series[0];
  second.symbol = "ETH_USDT";
  second.bars = test::walk_bars(5, 300);
  job.series.push_back(second);
  EXPECT_EQ(result_of(job).artifact.trained_on.rows, 596 + 196);
}

TEST(RunJob, TestsEachWalkForwardFoldOnLaterRows) {
  Job job = small_job();
  job.walk_forward_folds = 4;
  const JobResult result = result_of(job);
  ASSERT_EQ(result.folds.size(), 4U);
  TimeMs last = 0;
  for (const FoldReport& fold : result.folds) {
    EXPECT_LE(fold.train.to + 4 * kHourMs, fold.test.from - job.embargo_ms) << "purged and embargoed";
    EXPECT_GT(fold.test.from, last);
    last = fold.test.to;
  }
  EXPECT_EQ(result.artifact.model_bytes, result_of(small_job()).artifact.model_bytes)
      << "folds are a report and change nothing";
}

TEST(RunJob, SaysWhatIsMissing) {
  Job none = small_job();
  none.series[0].rows_from = none.cut;
  const auto no_rows = run_job(none, 1, {});
  ASSERT_FALSE(no_rows.has_value());
  EXPECT_EQ(no_rows.error().code, ErrorCode::insufficient_data);
  Job unknown = small_job();
  unknown.model_kind = "oracle";
  EXPECT_EQ(run_job(unknown, 1, {}).error().code, ErrorCode::bad_config);
  Job folds = small_job();
  folds.walk_forward_folds = 100;
  folds.series[0].rows_from = folds.series[0].bars.close_time(600);
  EXPECT_EQ(run_job(folds, 1, {}).error().code, ErrorCode::insufficient_data);
}

TEST(InlineExecutor, RunsWhatIsOnDiskAndKeepsTheNewestFolders) {
  const test::TempFolder folder;
  RealFileSystem files;
  const auto executor = make_inline_executor(files, folder.path() / "jobs", 2, 1);
  for (std::int64_t run = 1; run <= 4; ++run) ASSERT_TRUE(executor->run(small_job(run), {}).has_value());
  EXPECT_EQ(files.list(folder.path() / "jobs"),
            (std::vector<std::string>{"000003-fit-BTC_USDT", "000004-fit-BTC_USDT"}));
  const auto written = read_result(files, folder.path() / "jobs" / "000004-fit-BTC_USDT");
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const auto in_memory = make_inline_executor(files, {}, 0, 1)->run(small_job(4), {});
  EXPECT_EQ(written->artifact.model_bytes, in_memory->artifact.model_bytes);
}

TEST(InlineExecutor, ReplacesWhatAnInterruptedRunLeft) {
  const test::TempFolder folder;
  RealFileSystem files;
  test::write_file(folder.path() / "jobs" / "000012-fit-BTC_USDT" / "bars.bin", "half");
  const auto executor = make_inline_executor(files, folder.path() / "jobs", 10, 1);
  EXPECT_TRUE(executor->run(small_job(), {}).has_value());
  EXPECT_TRUE(read_job(files, folder.path() / "jobs" / "000012-fit-BTC_USDT").has_value());
}

TEST(InlineExecutor, RefusesAJobThatLooksAhead) {
  const test::TempFolder folder;
  RealFileSystem files;
  Job job = small_job();
  job.cut -= kHourMs;
  const auto ran = make_inline_executor(files, folder.path() / "jobs", 10, 1)->run(job, {});
  ASSERT_FALSE(ran.has_value());
  EXPECT_NE(ran.error().message.find("look-ahead"), std::string::npos);
}

}  // namespace
}  // namespace pawl::training
