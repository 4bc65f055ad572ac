// A job folder holds all that a trainer may see, comes back as it went in, and is refused when it does not.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "base/format.h"
#include "base/hash.h"
#include "support/test_files.h"
#include "training/job_support.h"

namespace pawl::training {
namespace {

namespace fs = std::filesystem;

void write_or_fail(FileSystem& files, const Path& folder, const Job& job) {
  const Status written = write_job(files, folder, job);
  ASSERT_TRUE(written.has_value()) << written.error().message;
}

TEST(JobFolder, ComesBackAsItWentIn) {
  const test::TempFolder folder;
  RealFileSystem files;
  Job job = small_job();
  job.kind = JobKind::refit;
  job.frozen_rounds = 17;
  job.walk_forward_folds = 3;
  job.costs = {.per_side_bp = 1.25, .per_side_pips = 0.5, .pip_size = 0.01};
  job.signal = {.kind = judging::SignalRule::Kind::top_class, .min_edge = 0.1, .min_probability = 0.37};
  job.search = {.form = JobSearch::Form::newest,
                .trials = 4,
                .folds = 2,
                .groups = 8,
                .test_groups = 3,
                .halving = 2,
                .leak_repetitions = 5,
                .space = {{"depth", {"2", "3"}}}};
  job.seed = 0xffff'ffff'ffff'fff1;  // beyond what a double holds
  job.series[0].feature_state = std::string("\0any\xff bytes", 11);
  job.series[0].scale_state = "scale";
  JobSeries second = job.series[0];
  second.symbol = "ETH_USDT";
  second.bars = test::walk_bars(2, 31);
  job.series.push_back(second);
  write_or_fail(files, folder.path() / "job", job);

  const auto read = read_job(files, folder.path() / "job");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->kind, JobKind::refit);
  EXPECT_EQ(read->run_id, job.run_id);
  EXPECT_EQ(read->line, job.line);
  EXPECT_EQ(read->cut, job.cut);
  EXPECT_EQ(read->base, job.base);
  EXPECT_EQ(read->day_anchor, job.day_anchor);
  EXPECT_EQ(read->session, job.session);
  EXPECT_EQ(read->features, job.features);
  EXPECT_EQ(read->label_kind, job.label_kind);
  EXPECT_EQ(read->label_settings, job.label_settings);
  EXPECT_EQ(read->model_kind, job.model_kind);
  EXPECT_EQ(read->model_settings, job.model_settings);
  EXPECT_EQ(read->costs.per_side_bp, job.costs.per_side_bp);
  EXPECT_EQ(read->costs.per_side_pips, job.costs.per_side_pips);
  EXPECT_EQ(read->costs.pip_size, job.costs.pip_size);
  EXPECT_EQ(read->signal.kind, job.signal.kind);
  EXPECT_EQ(read->signal.min_edge, job.signal.min_edge);
  EXPECT_EQ(read->signal.min_probability, job.signal.min_probability);
  EXPECT_EQ(read->bars_per_year, job.bars_per_year);
  EXPECT_EQ(read->seed, job.seed);
  EXPECT_EQ(read->frozen_rounds, job.frozen_rounds);
  EXPECT_EQ(read->walk_forward_folds, job.walk_forward_folds);
  EXPECT_EQ(read->embargo_ms, job.embargo_ms);
  EXPECT_EQ(read->search.form, job.search.form);
  EXPECT_EQ(read->search.trials, job.search.trials);
  EXPECT_EQ(read->search.folds, job.search.folds);
  EXPECT_EQ(read->search.groups, job.search.groups);
  EXPECT_EQ(read->search.test_groups, job.search.test_groups);
  EXPECT_EQ(read->search.halving, job.search.halving);
  EXPECT_EQ(read->search.leak_repetitions, job.search.leak_repetitions);
  EXPECT_EQ(read->search.space, job.search.space);
  ASSERT_EQ(read->series.size(), 2U);
  for (std::size_t s = 0; s < 2; ++s) {
    const JobSeries &a = read->series[s], &b = job.series[s];
    EXPECT_EQ(a.symbol, b.symbol);
    EXPECT_EQ(a.rows_from, b.rows_from);
    EXPECT_EQ(a.feature_state, b.feature_state);
    EXPECT_EQ(a.scale_state, b.scale_state);
    ASSERT_EQ(a.bars.size(), b.bars.size());
    for (std::size_t i = 0; i < a.bars.size(); ++i) EXPECT_EQ(a.bars[i], b.bars[i]);
  }
}

TEST(JobFolder, IsNamedByRunKindAndSymbol) {
  Job job = small_job();
  EXPECT_EQ(job_folder_name(job), "000012-fit-BTC_USDT");
  job.kind = JobKind::refit;
  job.run_id = 1234567;
  EXPECT_EQ(job_folder_name(job), "1234567-refit-BTC_USDT");
}

TEST(JobFolder, IsNeverWrittenOver) {
  const test::TempFolder folder;
  RealFileSystem files;
  write_or_fail(files, folder.path() / "job", small_job());
  const Status again = write_job(files, folder.path() / "job", small_job());
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
}

TEST(JobFolder, IsRefusedWhereAnyByteOfAnyFileIsFlipped) {
  const test::TempFolder folder;
  RealFileSystem files;
  write_or_fail(files, folder.path() / "job", small_job());
  for (const char* name : {"job.json", "bars.bin", "state.bin", "checksums"}) {
    const std::string whole = test::read_file(folder.path() / "job" / name);
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 40) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x20);
      test::write_file(folder.path() / "job" / name, flipped);
      const auto read = read_job(files, folder.path() / "job");
      ASSERT_FALSE(read.has_value()) << name << " byte " << at;
      EXPECT_EQ(read.error().code, ErrorCode::corrupt) << read.error().message;
      EXPECT_EQ(exit_code(read.error().code), 65);
    }
    for (const std::size_t length : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
      test::write_file(folder.path() / "job" / name, whole.substr(0, length));
      EXPECT_FALSE(read_job(files, folder.path() / "job").has_value())
          << name << " of " << length << " bytes";
    }
    test::write_file(folder.path() / "job" / name, whole);
  }
  EXPECT_TRUE(read_job(files, folder.path() / "job").has_value());
  fs::remove(folder.path() / "job" / "state.bin");
  EXPECT_FALSE(read_job(files, folder.path() / "job").has_value());
}

// The folder with another job.json, and with the checksums to it.
Result<Job> read_changed(const Path& folder, const std::function<void(Json&)>& change) {
  RealFileSystem files;
  Json json = *parse_json(test::read_file(folder / "job.json"));
  change(json);
  test::write_file(folder / "job.json", json.dump(1) + "\n");
  std::string lines;
  for (const char* name : {"bars.bin", "job.json", "state.bin"})
    lines += fmt::format("{}  {}\n", sha256_hex(test::read_file(folder / name)), name);
  test::write_file(folder / "checksums", lines);
  return read_job(files, folder);
}

TEST(JobFolder, RefusesWordsThatItDoesNotKnowAndNamesTheirField) {
  const test::TempFolder folder;
  RealFileSystem files;
  const Path job = folder.path() / "job";
  write_or_fail(files, job, small_job());
  const std::string whole = test::read_file(job / "job.json");
  const std::pair<const char*, std::function<void(Json&)>> changes[] = {
      {"calibration", [](Json& json) { json["calibration"] = {{"method", "isotonick"}, {"share", 0.2}}; }},
      {"calibration", [](Json& json) { json["calibration"]["share"] = 1.5; }},
      {"calibration", [](Json& json) { json["calibration"] = "platt"; }},
      {"search.form", [](Json& json) { json["search"]["form"] = "cpvc"; }},
      {"signal.kind", [](Json& json) { json["signal"]["kind"] = "egde"; }},
      {"kind", [](Json& json) { json["kind"] = "refti"; }},
      {"groups", [](Json& json) { json["search"].erase("groups"); }},
  };
  for (const auto& [field, change] : changes) {
    test::write_file(job / "job.json", whole);
    const auto read = read_changed(job, change);
    ASSERT_FALSE(read.has_value()) << field;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_NE(read.error().message.find("job.json: "), std::string::npos) << read.error().message;
    EXPECT_NE(read.error().message.find(field), std::string::npos) << read.error().message;
  }
  // What need not be there.
  test::write_file(job / "job.json", whole);
  const auto without = read_changed(job, [](Json& json) {
    json.erase("calibration");
    json.erase("reference");
  });
  ASSERT_TRUE(without.has_value()) << without.error().message;
  EXPECT_EQ(without->calibration.method, models::CalibrationMethod::none);
  EXPECT_FALSE(without->reference);
}

TEST(JobFolder, RefusesABarThatWasNotKnownAtItsCut) {
  const test::TempFolder folder;
  RealFileSystem files;
  Job job = small_job();
  job.cut = job.series[0].bars.back().close_time - 1;
  write_or_fail(files, folder.path() / "job", job);
  const auto read = read_job(files, folder.path() / "job");
  ASSERT_FALSE(read.has_value()) << "the checksums hold; it is the bar that must not be there";
  EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  EXPECT_NE(read.error().message.find("look-ahead"), std::string::npos) << read.error().message;
  EXPECT_NE(read.error().message.find("BTC_USDT, bar 699"), std::string::npos) << read.error().message;
}

TEST(JobFolder, KeepsTheResultBesideTheInput) {
  const test::TempFolder folder;
  RealFileSystem files;
  Job job = small_job();
  job.walk_forward_folds = 2;
  write_or_fail(files, folder.path() / "job", job);
  const JobResult result = result_of(job);
  ASSERT_EQ(result.folds.size(), 2U);
  ASSERT_TRUE(write_result(files, folder.path() / "job", result).has_value());

  const auto read = read_result(files, folder.path() / "job");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->artifact.model_bytes, result.artifact.model_bytes);
  EXPECT_EQ(read->artifact.model_kind, "xgboost");
  EXPECT_EQ(read->artifact.data_cut, job.cut);
  EXPECT_EQ(read->artifact.trained_on.from, result.artifact.trained_on.from);
  EXPECT_EQ(read->artifact.trained_on.to, result.artifact.trained_on.to);
  EXPECT_EQ(read->artifact.trained_on.rows, result.artifact.trained_on.rows);
  EXPECT_EQ(read->rounds, result.rounds);
  ASSERT_EQ(read->artifact.self_test.size(), 16U);
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(read->artifact.self_test[i].row, result.artifact.self_test[i].row);
    EXPECT_EQ(read->artifact.self_test[i].probabilities, result.artifact.self_test[i].probabilities);
  }
  ASSERT_EQ(read->folds.size(), 2U);
  EXPECT_EQ(read->folds[1].scores.to_json(), result.folds[1].scores.to_json());
  EXPECT_TRUE(read_job(files, folder.path() / "job").has_value()) << "the input is as it was";

  for (const char* name : {"artifact.model", "report.json", "selftest.bin", "done"}) {
    const std::string whole = test::read_file(folder.path() / "job" / name);
    std::string flipped = whole;
    flipped[whole.size() / 3] = static_cast<char>(flipped[whole.size() / 3] ^ 1);
    test::write_file(folder.path() / "job" / name, flipped);
    EXPECT_FALSE(read_result(files, folder.path() / "job").has_value()) << name;
    test::write_file(folder.path() / "job" / name, whole);
  }
}

}  // namespace
}  // namespace pawl::training
