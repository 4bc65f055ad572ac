// C4, C5: a filter is trained on rows that come ready, in a folder like any other job's.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "support/test_files.h"
#include "training/job_support.h"

namespace pawl::training {
namespace {

// Trades an hour apart, each open for six: those with an rsi above 50 pay.
JobRows learnable_rows(std::size_t count, std::uint64_t seed = 3) {
  Random random(seed);
  JobRows rows;
  for (std::size_t i = 0; i < count; ++i) {
    TradeSignal signal{
        .id = {}, .symbol = "EUR_USD", .side = random.uniform() < 0.5 ? Side::buy : Side::sell};
    for (double& value : signal.indicators) value = random.normal();
    signal.indicators[0] = 100 * random.uniform();
    signal.at = test::kWalkStart + static_cast<TimeMs>(i) * kHourMs;
    const bool pays = signal.indicators[0] > 50;
    rows.add(signal, {.id = {},
                      .at = signal.at + 6 * kHourMs,
                      .exit_price = 1,
                      .pnl_pct = pays ? 0.4 : -0.3,
                      .profitable = pays});
  }
  return rows;
}

Job rows_job(JobRows rows) {
  Job job;
  job.run_id = 7;
  job.line = "trade-filter/EUR_USD";
  job.model_kind = "xgboost";
  job.model_settings = {{"trees", 30}, {"depth", 3}};
  job.signal = {.kind = judging::SignalRule::Kind::allow, .min_probability = 0.5};
  job.seed = 5;
  job.cut = *std::max_element(rows.label_known_at.begin(), rows.label_known_at.end());
  job.rows = std::move(rows);
  return job;
}

std::string message_of_run(const Job& job, ErrorCode code) {
  const auto result = run_job(job, 1, {});
  if (result) return "no error";
  EXPECT_EQ(result.error().code, code);
  return result.error().message;
}

TEST(JobRows, C5ComeBackFromTheFolderAsTheyWentIn) {
  const test::TempFolder folder;
  RealFileSystem files;
  Job job = rows_job(learnable_rows(40));
  job.rows->values[3] = std::numeric_limits<double>::quiet_NaN();
  job.rows->values[4] = 0.1 + 0.2;
  ASSERT_TRUE(write_job(files, folder / "job", job));
  const auto read = read_job(files, folder / "job");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(read->rows);
  EXPECT_EQ(read->signal.kind, judging::SignalRule::Kind::allow);
  EXPECT_EQ(read->rows->columns, job.rows->columns);
  ASSERT_EQ(read->rows->values.size(), job.rows->values.size());
  for (std::size_t i = 0; i < job.rows->values.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read->rows->values[i]),
              std::bit_cast<std::uint64_t>(job.rows->values[i]));
  }
  EXPECT_EQ(read->rows->known_at, job.rows->known_at);
  EXPECT_EQ(read->rows->label_known_at, job.rows->label_known_at);
  EXPECT_EQ(read->rows->classes, job.rows->classes);
  EXPECT_EQ(read->rows->pnl_pct, job.rows->pnl_pct);
}

TEST(JobRows, C5AJobOfBarsHasNone) {
  const test::TempFolder folder;
  RealFileSystem files;
  ASSERT_TRUE(write_job(files, folder / "job", small_job()));
  EXPECT_FALSE(files.exists(folder / "job" / "rows.bin"));
  EXPECT_FALSE(read_job(files, folder / "job")->rows);
}

TEST(JobRows, C4ALabelKnownAfterTheCutIsRefused) {
  const test::TempFolder folder;
  RealFileSystem files;
  Job job = rows_job(learnable_rows(40));
  job.cut -= 1;
  ASSERT_TRUE(write_job(files, folder / "job", job));
  const auto read = read_job(files, folder / "job");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  EXPECT_NE(read.error().message.find("look-ahead"), std::string::npos) << read.error().message;
  EXPECT_NE(message_of_run(job, ErrorCode::bad_data).find("look-ahead"), std::string::npos);
}

TEST(JobRows, C5MalformedRowsAreRefused) {
  Job uneven = rows_job(learnable_rows(4));
  uneven.rows->values.pop_back();
  EXPECT_NE(message_of_run(uneven, ErrorCode::bad_data).find("for each"), std::string::npos);
  Job third = rows_job(learnable_rows(4));
  third.rows->classes[2] = 2;
  EXPECT_NE(message_of_run(third, ErrorCode::bad_data).find("row 2 is of class 2"), std::string::npos);
  Job backwards = rows_job(learnable_rows(4));
  backwards.rows->known_at[1] = backwards.rows->label_known_at[1] + 1;
  EXPECT_NE(message_of_run(backwards, ErrorCode::bad_data).find("before the row itself"), std::string::npos);
  Job none = rows_job(learnable_rows(1));
  none.rows = JobRows();
  EXPECT_NE(message_of_run(none, ErrorCode::insufficient_data).find("no trade has closed"),
            std::string::npos);
}

TEST(JobRows, C5ADamagedOrMissingFileOfRowsIsRefused) {
  for (const bool missing : {false, true}) {
    const test::TempFolder folder;
    RealFileSystem files;
    ASSERT_TRUE(write_job(files, folder / "job", rows_job(learnable_rows(20))));
    const Path file = folder / "job" / "rows.bin";
    std::string bytes = test::read_file(file);
    bytes[bytes.size() / 2] ^= 1;
    if (missing) {
      std::filesystem::remove(file);
    } else {
      test::write_file(file, bytes);
    }
    const auto read = read_job(files, folder / "job");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  }
}

TEST(JobRows, C4AFilterIsTrainedAndScoredInTimeOrder) {
  Job job = rows_job(learnable_rows(600));
  job.walk_forward_folds = 3;
  const JobResult result = result_of(job);
  EXPECT_EQ(result.artifact.trained_on.rows, 600);
  EXPECT_EQ(result.artifact.data_cut, job.cut);
  EXPECT_FALSE(result.artifact.self_test.empty());
  EXPECT_EQ(result.artifact.self_test.front().row.size(), 9u);
  ASSERT_EQ(result.folds.size(), 3u);
  for (const FoldReport& fold : result.folds) {
    EXPECT_GT(*fold.scores.get("accuracy"), 0.9);
    // What it lets through pays 0.4 % and more than nine times in ten; in a blind book it would be half.
    EXPECT_GT(*fold.scores.get("win_rate"), 0.9);
    EXPECT_LT(*fold.scores.get("signals"), 0.7 * static_cast<double>(fold.test.rows));
    EXPECT_GT(*fold.scores.get("total_return"), 0);
    // A trade lasts six hours: those that were still open when the test began are not learnt from.
    EXPECT_LE(fold.train.to + 6 * kHourMs, fold.test.from);
  }
}

TEST(JobRows, C5TheSameRowsGiveTheSameBytesInAnyOrderAndAtAnyThreadCount) {
  const Job job = rows_job(learnable_rows(300));
  Job turned = job;
  std::vector<std::size_t> backwards(300);
  for (std::size_t i = 0; i < backwards.size(); ++i) backwards[i] = backwards.size() - 1 - i;
  turned.rows = job.rows->select(backwards);
  const std::string bytes = result_of(job).artifact.model_bytes;
  EXPECT_EQ(result_of(job, 2).artifact.model_bytes, bytes);
  EXPECT_EQ(result_of(turned).artifact.model_bytes, bytes);
}

}  // namespace
}  // namespace pawl::training
