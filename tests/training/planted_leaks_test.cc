// Faults that would flatter a model, planted one by one, and the detector that sees each (docs/gates.md).
// Some of them stand elsewhere, each beside an honest version that passes: a feature that looks one bar
// ahead, a higher timeframe joined before its close and a label told too early in
// tests/datasets/future_test.cc, where scrambling the future finds them; early stopping and calibration on
// judged rows in tests/loop/judged_rows_test.cc, with the jobs that the loop makes. That a fit's folder ends
// a label and an embargo before its judged rows is shown in tests/loop/windows_test.cc for the plan and in
// tests/e2e/jobs_test.cc for the folders on disk.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "support/future_check.h"
#include "support/test_files.h"
#include "training/job_support.h"
#include "training/leak_check.h"
#include "training/search.h"

namespace pawl::training {
namespace {

// The folder is the second detector's other half: a bar that was not known at the cut cannot be in it, so
// that there is nothing to stop or to calibrate by.
TEST(PlantedLeaks, BarsBeyondTheCutAreRefusedByTheJobFolder) {
  const test::TempFolder folder;
  RealFileSystem files;
  Job job = small_job();
  ASSERT_TRUE(write_job(files, folder.path() / "honest", job));
  EXPECT_TRUE(read_job(files, folder.path() / "honest"));
  job.cut -= 200 * kHourMs;
  ASSERT_TRUE(write_job(files, folder.path() / "planted", job));
  const auto refused = read_job(files, folder.path() / "planted");
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("look-ahead"), std::string::npos) << refused.error().message;
}

// Returns of each bar, standardised by the mean and deviation of rows [0, known).
FeatureFrame scaled(const BarSeries& bars, std::size_t known) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < std::min(known, bars.size()); ++i) {
    const double value = bars.close(i) / bars.open(i) - 1;
    sum += value;
    squares += value * value;
  }
  const double count = static_cast<double>(std::min(known, bars.size()));
  const double mean = sum / count, deviation = std::sqrt(squares / count - mean * mean);
  FeatureFrame frame;
  frame.names = {"scaled"};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    frame.known_at.push_back(bars.close_time(i));
    frame.ready.push_back(1);
    frame.values.push_back((bars.close(i) / bars.open(i) - 1 - mean) / deviation);
  }
  return frame;
}

TEST(PlantedLeaks, AScalerFittedOnAllRowsIsSeenByTheFutureTest) {
  const BarSeries bars = test::walk_bars(3, 400);
  const std::vector<std::size_t> cuts = {250, 300, 399};
  const auto on_all =
      test::find_future_leak([](const BarSeries& some) { return scaled(some, some.size()); }, bars, cuts);
  ASSERT_TRUE(on_all.has_value());
  EXPECT_EQ(on_all->feature, "scaled");
  const auto on_training =
      test::find_future_leak([](const BarSeries& some) { return scaled(some, 250); }, bars, cuts);
  EXPECT_FALSE(on_training.has_value()) << on_training->describe();
}

// For the third detector: labels of a day, which neighbours share, and features that tell where in time a row
// stands. Trees as deep as these learn rows by heart wherever a split lets them.
struct Shuffled {
  explicit Shuffled(std::uint64_t seed) {
    job = small_job();
    job.features = {"ema(20)/close", "ema(60)/close", "rsi(30)", "ret(24)"};
    job.label_settings = {{"horizon_bars", 24}};
    job.model_settings = {{"trees", 40}, {"depth", 6}};
    job.embargo_ms = 24 * kHourMs;
    job.seed = seed;
    job.search = {.trials = 1, .leak_repetitions = 8};
    job.series[0].bars = test::walk_bars(seed, 2000);
    job.cut = job.series[0].bars.back().close_time;
    prepared = std::move(*prepare(job, 1));
  }
  LeakCheck check(const std::vector<judging::Fold>& folds) const {
    const models::ModelKind* kind = models::find_model_kind("xgboost");
    const auto settings = settings_from_json(kind->schema, job.model_settings, "model");
    const auto found = check_leaks(job, prepared, *kind, *settings, folds, 2, {});
    EXPECT_TRUE(found.has_value()) << found.error().message;
    return *found;
  }
  std::vector<judging::Fold> honest() const { return folds_of(*search_splits(job, prepared.rows)); }

  Job job;
  Prepared prepared;
};

TEST(PlantedLeaks, HonestSplitsPassTheCheckWithShuffledLabels) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Shuffled shuffled(seed);
    const LeakCheck check = shuffled.check(shuffled.honest());
    EXPECT_TRUE(check.pass) << seed << check.to_json();
    EXPECT_EQ(check.repetitions, 8);
    EXPECT_GT(check.sigma, 0);
    EXPECT_TRUE(alarm_of(check));
  }
}

TEST(PlantedLeaks, ASplitWithoutPurgeIsSeenByShuffledLabels) {
  // Every other stretch of eight rows is tested; both their neighbours are trained on, whose labels they
  // share.
  const auto without_purge = [](const Shuffled& shuffled) {
    std::vector<judging::Fold> folds(1);
    for (std::size_t i = 0; i < shuffled.prepared.rows.size(); ++i)
      (i / 8 % 2 == 0 ? folds[0].test : folds[0].train).push_back(i);
    return folds;
  };
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Shuffled shuffled(seed);
    const LeakCheck check = shuffled.check(without_purge(shuffled));
    EXPECT_FALSE(check.pass) << seed << check.to_json();
    EXPECT_GT(check.auc_mean, 0.55);
  }
}

TEST(PlantedLeaks, ScoringOnTrainingRowsIsSeenByShuffledLabels) {
  const Shuffled shuffled(2);
  std::vector<judging::Fold> folds = shuffled.honest();
  for (judging::Fold& fold : folds) fold.test = fold.train;
  const LeakCheck check = shuffled.check(folds);
  EXPECT_FALSE(check.pass) << check.to_json();
  const Status alarm = alarm_of(check);
  ASSERT_FALSE(alarm.has_value());
  EXPECT_TRUE(alarm.error().message.starts_with("leak alarm: ")) << alarm.error().message;
}

// What the third detector cannot see, which is why there are three: a feature that knows the label is of no
// use once labels are shuffled.
TEST(PlantedLeaks, AFeatureThatKnowsTheLabelIsNotSeenByShuffledLabels) {
  Shuffled shuffled(4);
  Rows& rows = shuffled.prepared.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) rows.values[i * rows.columns.size()] = rows.classes[i];
  EXPECT_TRUE(shuffled.check(shuffled.honest()).pass);
}

TEST(ShuffledLabels, KeepTheirSharesAndLeaveNoBlockWhereItWas) {
  const Shuffled shuffled(5);
  const Rows& rows = shuffled.prepared.rows;
  const std::vector<int> once = shuffled_in_blocks(rows.classes, rows.times, 1);
  EXPECT_EQ(once, shuffled_in_blocks(rows.classes, rows.times, 1));
  EXPECT_NE(once, shuffled_in_blocks(rows.classes, rows.times, 2));
  EXPECT_EQ(std::ranges::count(once, 1), std::ranges::count(rows.classes, 1));
  // The numbers of the rows instead of their classes: who stands where.
  std::vector<int> numbers(rows.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int>(i);
  const std::vector<int> moved = shuffled_in_blocks(numbers, rows.times, 1);
  std::size_t stayed = 0, neighbours = 0;
  for (std::size_t i = 1; i < moved.size(); ++i) {
    stayed += moved[i] == numbers[i] ? 1 : 0;
    neighbours += moved[i] == moved[i - 1] + 1 ? 1 : 0;
  }
  EXPECT_LT(stayed, moved.size() / 20);
  EXPECT_GT(neighbours, moved.size() * 95 / 100) << "blocks, not rows";
}

TEST(LeakCheckOfARun, IsToldInTheReport) {
  Job job = small_job();
  job.search = {
      .form = JobSearch::Form::newest, .trials = 2, .leak_repetitions = 6, .space = {{"depth", {"2", "4"}}}};
  const Json check = result_of(job).report["leak_check"];
  EXPECT_EQ(check["repetitions"], 6);
  EXPECT_EQ(check["pass"], true);
  EXPECT_NEAR(check["auc_mean"].get<double>(), 0.5, check["limit"].get<double>());
  job.search.leak_repetitions = 0;
  EXPECT_FALSE(result_of(job).report.contains("leak_check"));
}

// "Trained as ever": a job that is calibrated is checked with its newest rows held out.
TEST(LeakCheckOfARun, HoldsOutTheRowsOfTheCalibration) {
  Shuffled shuffled(6);
  const LeakCheck plain = shuffled.check(shuffled.honest());
  shuffled.job.calibration = {models::CalibrationMethod::isotonic, 0.3};
  const LeakCheck calibrated = shuffled.check(shuffled.honest());
  EXPECT_NE(calibrated.auc_mean, plain.auc_mean);
  EXPECT_TRUE(calibrated.pass) << calibrated.to_json();
  // And sees no less: a map fitted to shuffled labels is flat, and would hide what was learnt by heart.
  std::vector<judging::Fold> folds = shuffled.honest();
  for (judging::Fold& fold : folds) fold.test = fold.train;
  EXPECT_FALSE(shuffled.check(folds).pass);
}

// Who runs a trainer takes one that says nothing for a hung one.
TEST(LeakCheckOfARun, TellsOfEveryRoundAndNotOnlyOfEveryRepetition) {
  Job job = small_job();
  job.search = {
      .form = JobSearch::Form::newest, .trials = 2, .leak_repetitions = 3, .space = {{"depth", {"2", "4"}}}};
  for (const int threads : {1, 2}) {
    std::map<std::string, int> told;
    std::uint64_t done = 0, total = 0;
    ASSERT_TRUE(run_job(job, threads, [&](const ProgressUpdate& update) {
      ++told[std::string(update.stage)];
      if (update.stage != "leak_check") return;
      EXPECT_GE(update.done, done);
      done = update.done;
      total = update.total;
    }));
    EXPECT_EQ(done, 3U);
    EXPECT_EQ(total, 3U);
    EXPECT_GE(told["leak_check"], 3 + 3 * 8) << "eight trees a repetition";
  }
}

}  // namespace
}  // namespace pawl::training
