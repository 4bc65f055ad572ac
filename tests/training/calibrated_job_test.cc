// A map is fitted on rows that the model never saw, and on nothing else.
#include <gtest/gtest.h>

#include "models/artifact_model.h"
#include "support/test_files.h"
#include "training/job_support.h"

namespace pawl::training {
namespace {

Job calibrated_job(models::CalibrationMethod method = models::CalibrationMethod::isotonic) {
  Job job = small_job();
  job.series[0].bars = test::walk_bars(1, 1000);
  job.cut = job.series[0].bars.back().close_time;
  job.calibration = {method, 0.25};
  return job;
}

// The bars from `from` on, each moved by a walk of their own: rows before keep their features, and their
// labels where those were known.
BarSeries moved_after(const BarSeries& bars, std::size_t from) {
  BarSeries moved = bars.slice(0, from);
  Random random(5);
  double shift = 1;
  for (std::size_t i = from; i < bars.size(); ++i) {
    Bar bar = bars[i];
    shift *= 1 + 0.004 * random.normal();
    for (double* price : {&bar.open, &bar.high, &bar.low, &bar.close}) *price *= shift;
    moved.append(bar);
  }
  return moved;
}

TEST(CalibratedJob, TrainsOnTheRowsBeforeThoseOfTheMap) {
  const JobResult result = result_of(calibrated_job());
  const Json report = result.report.at("calibration");
  ASSERT_FALSE(report.contains("skipped")) << report.dump();
  const auto trained = row_range_from_json(report.at("trained_on")),
             fitted = row_range_from_json(report.at("fitted_on"));
  ASSERT_TRUE(trained && fitted);
  EXPECT_LE(trained->to + 4 * kHourMs, fitted->from - 5 * kHourMs) << "label known, and the embargo kept";
  EXPECT_EQ(fitted->rows, 224);
  EXPECT_EQ(fitted->to, result.artifact.trained_on.to);
  EXPECT_LE(report.at("error_on_its_own_rows").get<double>(), report.at("error_before").get<double>());
  EXPECT_TRUE(result_of(small_job()).artifact.calibration.is_null());
}

TEST(CalibratedJob, TheRowsOfTheMapChangeTheMapOnly) {
  const Job job = calibrated_job();
  const JobResult one = result_of(job);
  Job other = job;
  other.series[0].bars = moved_after(job.series[0].bars, 780);
  const JobResult two = result_of(other);
  EXPECT_EQ(one.artifact.model_bytes, two.artifact.model_bytes);
  EXPECT_NE(one.artifact.calibration, two.artifact.calibration);
}

TEST(CalibratedJob, RowsAfterTheCutChangeNothing) {
  Job job = calibrated_job();
  job.cut =
      job.series[0].bars.close_time(799);  // two hundred bars are known later, and a folder would refuse them
  Job other = job;
  other.series[0].bars = moved_after(job.series[0].bars, 800);
  const JobResult one = result_of(job), two = result_of(other);
  EXPECT_FALSE(one.artifact.calibration.is_null());
  EXPECT_EQ(one.artifact.model_bytes, two.artifact.model_bytes);
  EXPECT_EQ(one.artifact.calibration, two.artifact.calibration);
  EXPECT_LE(one.artifact.trained_on.to + 4 * kHourMs, job.cut);
}

TEST(CalibratedJob, ItsVectorsAreTheMappedAnswers) {
  for (const auto method : {models::CalibrationMethod::isotonic, models::CalibrationMethod::platt}) {
    Job job = calibrated_job(method);
    const JobResult result = result_of(job);
    const auto mapped = models::load_artifact(result.artifact),
               raw = models::load_uncalibrated(result.artifact);
    ASSERT_TRUE(mapped && raw);
    bool differs = false;
    for (const SelfTestVector& vector : result.artifact.self_test) {
      std::vector<double> again(2), before(2);
      (*mapped)->predict({vector.row, 1, vector.row.size()}, again);
      (*raw)->predict({vector.row, 1, vector.row.size()}, before);
      EXPECT_EQ(again, vector.probabilities);
      differs = differs || before != again;
    }
    EXPECT_TRUE(differs);
    job.kind = JobKind::refit;
    job.frozen_rounds = 3;
    const JobResult refit = result_of(job);
    EXPECT_EQ(refit.rounds, 3);
    EXPECT_FALSE(refit.artifact.calibration.is_null());
    EXPECT_EQ(result_of(calibrated_job(method), 2).artifact.calibration, result.artifact.calibration);
  }
}

TEST(CalibratedJob, SurvivesTheFolder) {
  const test::TempFolder folder;
  RealFileSystem files;
  const Job job = calibrated_job(models::CalibrationMethod::platt);
  ASSERT_TRUE(write_job(files, folder.path() / "job", job));
  const auto back = read_job(files, folder.path() / "job");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->calibration.method, job.calibration.method);
  EXPECT_EQ(back->calibration.share, job.calibration.share);
  const JobResult result = result_of(*back);
  ASSERT_TRUE(write_result(files, folder.path() / "job", result));
  const auto read = read_result(files, folder.path() / "job");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->artifact.calibration, result.artifact.calibration);
}

TEST(CalibratedJob, SaysWhyThereIsNoMap) {
  Job job = calibrated_job();
  job.calibration.share = 0.05;
  const JobResult result = result_of(job);
  EXPECT_TRUE(result.artifact.calibration.is_null());
  EXPECT_TRUE(result.report.at("calibration").contains("skipped"));
  job.calibration = {};
  EXPECT_EQ(result.artifact.model_bytes, result_of(job).artifact.model_bytes) << "trained on all rows then";
}

TEST(CalibratedJob, MapsEachWalkForwardFoldByItsOwnRows) {
  Job job = calibrated_job();
  job.walk_forward_folds = 1;
  const JobResult mapped = result_of(job);
  job.calibration = {};
  const JobResult raw = result_of(job);
  ASSERT_EQ(mapped.folds.size(), 1U);
  EXPECT_NE(mapped.folds[0].scores.get("log_loss"), raw.folds[0].scores.get("log_loss"));
}

}  // namespace
}  // namespace pawl::training
