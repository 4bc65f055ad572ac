// How a version's rows lay is told by the rules that its live rows are counted by.
#include <gtest/gtest.h>

#include <map>

#include "judging/drift_reference.h"
#include "models/artifact_model.h"
#include "training/job_support.h"

namespace pawl::training {
namespace {

// Calibrated, so that the model which the reference asks is the one in the artifact.
Job watched_job() {
  Job job = small_job();
  job.series[0].bars = test::walk_bars(3, 1200);
  job.cut = job.series[0].bars.back().close_time;
  job.reference = true;
  job.calibration = {models::CalibrationMethod::platt, 0.25};
  return job;
}

struct Counted {
  std::int64_t signals = 0, wrong = 0;
};

// By hand, bar by bar: what the model says of the rows it was not trained on, and what an open-to-open
// position over the horizon came to. `where` is empty or a feature that must be above zero.
Counted count_by_hand(const Job& job, const JobResult& result, std::size_t horizon) {
  const BarSeries& bars = job.series[0].bars;
  const auto rows_of = [&](const std::vector<std::string>& specs) {
    auto list = features::FeatureList::parse(specs, job.base, MarketCalendar::utc_always());
    EXPECT_TRUE(list.has_value());
    datasets::FeatureHistory history(*list);
    history.follow(bars);
    return history.rows(bars, 0, bars.size());
  };
  const FeatureFrame frame = rows_of(job.features);
  const FeatureFrame where = rows_of({job.signal_where.empty() ? std::string("clv") : job.signal_where});
  const auto model = models::load_artifact(result.artifact);
  EXPECT_TRUE(model.has_value());
  const auto asked = row_range_from_json(result.report.at("calibration").at("fitted_on"));
  EXPECT_TRUE(asked.has_value());
  Counted counted;
  for (std::size_t i = 0; i + 1 + horizon < bars.size(); ++i) {
    const TimeMs known = bars.close_time(i);
    if (known < asked->from || known > asked->to) continue;
    std::vector<double> p(static_cast<std::size_t>((*model)->classes()));
    (*model)->predict({frame.row(i), 1, frame.columns()}, p);
    const Side side = job.signal.side(p);
    if (side == Side::hold || (!job.signal_where.empty() && !(where.row(i)[0] > 0))) continue;
    ++counted.signals;
    const double move = bars.open(i + 1 + horizon) / bars.open(i + 1) - 1;
    counted.wrong += static_cast<double>(side) * move > 0 ? 0 : 1;
  }
  return counted;
}

judging::DriftReference reference_of(const JobResult& result) {
  auto reference = judging::drift_reference_from_json(result.artifact.reference);
  EXPECT_TRUE(reference.has_value()) << reference.error().message;
  return *reference;
}

void expect_as_live(const Job& job, std::size_t horizon) {
  const JobResult result = result_of(job);
  ASSERT_FALSE(result.artifact.calibration.is_null()) << result.report.dump();
  const Counted wanted = count_by_hand(job, result, horizon);
  ASSERT_GT(wanted.signals, 20);
  const judging::DriftReference reference = reference_of(result);
  EXPECT_EQ(reference.signals, wanted.signals);
  ASSERT_TRUE(reference.error_share.has_value());
  EXPECT_DOUBLE_EQ(*reference.error_share,
                   static_cast<double>(wanted.wrong) / static_cast<double>(wanted.signals));
}

// A label that says HOLD, since the move was small, is of no account: live, the move's sign decides.
TEST(Reference, AMoveThatItsLabelCallsHoldIsRightOrWrongByItsSign) {
  Job job = watched_job();
  job.label_settings = {{"horizon_bars", 3}, {"classes", 3}, {"threshold", "fixed_bp"}, {"fixed_bp", 20}};
  job.signal = {.kind = judging::SignalRule::Kind::top_class, .min_probability = 0.3};
  expect_as_live(job, 3);
}

TEST(Reference, WhereSignalsAreForbiddenThereAreNoneToBeWrong) {
  Job job = watched_job();
  const auto everywhere = reference_of(result_of(job)).signals;
  job.signal_where = "rsi(14) - 50";
  expect_as_live(job, 3);
  EXPECT_LT(reference_of(result_of(job)).signals, everywhere);
}

// Live, a position is held for the horizon, whatever barrier the label looks at.
TEST(Reference, ABarrierThatWasTouchedDoesNotEndThePosition) {
  Job job = watched_job();
  job.label_kind = "triple_barrier";
  job.label_settings = Json::object();
  job.signal = {.kind = judging::SignalRule::Kind::top_class, .min_probability = 0.3};
  const labels::LabellerKind* kind = labels::find_labeller_kind("triple_barrier");
  const auto labeller =
      kind->make(Settings::defaults(kind->schema), {job.costs, MarketCalendar::utc_always()});
  ASSERT_TRUE(labeller.has_value());
  expect_as_live(job, (*labeller)->horizon_bars());
}

// The one more training that an uncalibrated job's reference takes is told of, round by round.
TEST(Reference, TellsOfItsTraining) {
  Job job = watched_job();
  job.calibration = {};
  std::map<std::string, int> told;
  ASSERT_TRUE(run_job(job, 1, [&](const ProgressUpdate& update) { ++told[std::string(update.stage)]; }));
  EXPECT_GE(told["reference"], 8) << "eight trees";
}

}  // namespace
}  // namespace pawl::training
