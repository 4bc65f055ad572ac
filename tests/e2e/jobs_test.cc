// The job folders that a replay leaves: no fit knows of its judged window, and each can be run again
// anywhere.
#include <algorithm>
#include <set>
#include <sstream>

#include "e2e/replayed.h"
#include "training/job.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

TimeMs time_at(const Json& json) {
  return *parse_time(json.get<std::string>());
}

class Jobs : public testing::Test {
 protected:
  // A validation window that moves off the beginning, so that jobs start from a checkpoint.
  void SetUp() override {
    report = replay_quickly(folder.path(),
                            {"--set", "validation.window_days=60", "--set", "validation.judged_days=15"});
    ASSERT_FALSE(report.is_null());
    ASSERT_GT(report["runs"].size(), 4U);
  }
  std::string folder_of(const Json& run, const char* kind) const {
    return folder.path() / "data" / "jobs" /
           fmt::format("{:06}-{}-BTC_USDT", run["id"].get<std::int64_t>(), kind);
  }
  TempFolder folder;
  Json report;
};

TEST_F(Jobs, KnowNothingOfTheWindowTheyAreJudgedBy) {
  RealFileSystem files;
  std::set<std::string> expected;
  bool from_the_middle = false;
  for (const Json& run : report["runs"]) {
    expected.insert(fs::path(folder_of(run, "fit")).filename());
    const auto fit = training::read_job(files, folder_of(run, "fit"));
    ASSERT_TRUE(fit.has_value()) << fit.error().message;
    const BarSeries& bars = fit->series.at(0).bars;
    const TimeMs judged_from = time_at(run["judged"]["from"]), started = time_at(run["started_at"]);
    EXPECT_EQ(fit->kind, training::JobKind::fit);
    EXPECT_EQ(fit->embargo_ms, 24 * kHourMs);
    EXPECT_LE(bars.back().known_at(), judged_from - 4 * kHourMs - fit->embargo_ms)
        << "h + 1 bars and the embargo";
    EXPECT_LE(bars.back().known_at(), fit->cut);
    EXPECT_GE(time_at(run["train"]["from"]), started - 60 * kDayMs) << "rows of the window only";
    from_the_middle = from_the_middle || !fit->series[0].feature_state.empty();

    const bool promoted = run["verdict"] == "promote";
    EXPECT_EQ(fs::exists(folder_of(run, "refit")), promoted) << "run " << run["id"];
    if (!promoted) continue;
    expected.insert(fs::path(folder_of(run, "refit")).filename());
    const auto refit = training::read_job(files, folder_of(run, "refit"));
    ASSERT_TRUE(refit.has_value()) << refit.error().message;
    EXPECT_EQ(refit->cut, started - 4 * kHourMs);
    EXPECT_LE(refit->series.at(0).bars.back().known_at(), refit->cut);
    EXPECT_EQ(refit->model_settings, fit->model_settings) << "the same settings";
    EXPECT_EQ(refit->frozen_rounds, 15) << "the same rounds";
    EXPECT_EQ(refit->seed, fit->seed);
  }
  EXPECT_TRUE(from_the_middle);
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder.path() / "data" / "jobs"))
    found.insert(entry.path().filename());
  EXPECT_EQ(found, expected) << "a fit for each run, a refit for each promoted one, and nothing else";
}

TEST_F(Jobs, RunAgainFromACopyWithoutAStore) {
  const Json* promoted = nullptr;
  for (const Json& run : report["runs"]) {
    if (run["verdict"] == "promote") promoted = &run;  // the last one, which begins at a checkpoint
  }
  ASSERT_NE(promoted, nullptr);
  for (const char* kind : {"fit", "refit"}) {
    const TempFolder elsewhere;
    const fs::path original = folder_of(*promoted, kind), copy = elsewhere / "copy";
    fs::create_directory(copy);
    for (const char* name : {"job.json", "bars.bin", "state.bin", "checksums"})
      fs::copy(original / name, copy / name);
    RunOptions options;
    options.working_folder = elsewhere.path();
    const Ran ran = run_pawl({"train", "--job", "copy", "--json", "-q", "--threads", "2"}, options);
    ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
    EXPECT_EQ(json_of(ran.stdout_text)["kind"], kind);
    for (const char* name : {"artifact.model", "report.json", "selftest.bin", "done"}) {
      EXPECT_EQ(read_file(copy / name), read_file(original / name)) << kind << " " << name;
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(elsewhere.path()), {}), 1)
        << "nothing but the folder was touched";
  }
}

TEST_F(Jobs, TellOfTheirProgressLineByLine) {
  const fs::path job = folder_of(report["runs"][0], "fit");
  const std::string before = read_file(job / "done");
  const Ran ran = run_pawl({"train", "--job", job, "--progress", "json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  std::vector<std::string> stages;
  std::istringstream lines(ran.stdout_text);
  for (std::string line; std::getline(lines, line);) {
    const Json json = json_of(line);
    ASSERT_TRUE(json.is_object()) << line;
    if (stages.empty() || stages.back() != json["stage"]) stages.push_back(json["stage"]);
  }
  EXPECT_EQ(stages, (std::vector<std::string>{"prepare", "fit", "done"}));
  EXPECT_EQ(read_file(job / "done"), before) << "and leaves the same bytes";
  EXPECT_EQ(run_pawl({"train", "--progress", "json"}).exit_code, 2) << "it is of a job folder";
}

TEST_F(Jobs, AreRefusedWhereAByteIsFlipped) {
  const fs::path job = folder_of(report["runs"][0], "fit");
  for (const char* name : {"job.json", "bars.bin", "checksums"}) {
    const std::string whole = read_file(job / name);
    std::string flipped = whole;
    flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 4);
    write_file(job / name, flipped);
    const Ran ran = run_pawl({"train", "--job", job, "--json", "-q"});
    EXPECT_EQ(ran.exit_code, 65) << name << ": " << ran.stderr_text;
    EXPECT_EQ(json_of(ran.stdout_text)["error"]["code"], "corrupt") << name;
    EXPECT_TRUE(has(ran.stderr_text, "checksums")) << ran.stderr_text;
    write_file(job / name, whole);
  }
  EXPECT_EQ(run_pawl({"train", "--job", job, "-q"}).exit_code, 0);
}

}  // namespace
}  // namespace pawl::test
