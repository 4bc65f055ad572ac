// Training in a process of its own: the same bytes as inline, and every way to fail is an error in words.
#include "training/child_executor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "support/test_files.h"
#include "training/job_support.h"

namespace pawl::training {
namespace {

namespace fs = std::filesystem;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

class ChildExecutor : public testing::Test {
 protected:
  void SetUp() override { descriptors = open_descriptors(); }
  void TearDown() override {
    executor.reset();
    EXPECT_EQ(open_descriptors(), descriptors) << "a descriptor was left open";
    siginfo_t info{};
    EXPECT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1) << "a child was left";
    EXPECT_EQ(errno, ECHILD);
  }
  // At normal priority: beside a build on the same machine an idle one would hardly run.
  ChildExecutorSettings settings(const std::string& program = PAWL_BINARY) const {
    return {.program = program, .jobs_folder = folder.path() / "jobs", .idle_priority = false};
  }
  Executor& start(const ChildExecutorSettings& with) {
    executor = make_child_executor(files, with);
    return *executor;
  }
  // A trainer of the test's own: a shell script, which finds the job's folder in $3.
  std::string script(const std::string& text) const {
    const fs::path file = folder.path() / "trainer";
    test::write_file(file, "#!/bin/sh\n" + text + "\n");
    fs::permissions(file, fs::perms::owner_all);
    return file;
  }
  // One that tells of its progress and then hangs: it waits for input that never comes.
  std::string hanging_script() const {
    EXPECT_EQ(mkfifo((folder.path() / "fifo").c_str(), 0600), 0);
    return script("echo '{\"stage\":\"fit\",\"done\":1,\"total\":9}'\nread forever < " +
                  (folder.path() / "fifo").string());
  }
  static std::string failure_of(const Result<JobResult>& result, ErrorCode code = ErrorCode::internal) {
    if (result) return "it did not fail";
    EXPECT_EQ(result.error().code, code) << result.error().message;
    return result.error().message;
  }
  fs::path job_folder(const Job& job) const { return folder.path() / "jobs" / job_folder_name(job); }

  test::TempFolder folder;
  RealFileSystem files;
  std::unique_ptr<Executor> executor;
  std::size_t descriptors = 0;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ChildExecutor, GivesTheBytesOfTheInlineOne) {
  Job job = small_job();
  job.walk_forward_folds = 3;
  job.search = {.trials = 3, .leak_repetitions = 3, .space = {{"depth", {"2", "4"}}}};
  const test::TempFolder elsewhere;
  ASSERT_TRUE(make_inline_executor(files, elsewhere.path(), 10, 1)->run(job, {}));
  ChildExecutorSettings with = settings();
  with.threads = 2;
  with.idle_priority = true;  // as it stands beside a server
  const auto ran = start(with).run(job, {});
  ASSERT_TRUE(ran) << ran.error().message;
  for (const char* name : {"job.json", "artifact.model", "report.json", "selftest.bin", "done"}) {
    EXPECT_EQ(test::read_file(job_folder(job) / name),
              test::read_file(elsewhere.path() / job_folder_name(job) / name))
        << name;
  }
}

TEST_F(ChildExecutor, TellsOfEveryStage) {
  Job job = small_job();
  job.walk_forward_folds = 3;
  job.search = {.form = JobSearch::Form::newest,
                .trials = 3,
                .folds = 2,
                .leak_repetitions = 4,
                .space = {{"depth", {"2", "4"}}}};
  job.model_settings["early_stopping_rounds"] = 4;
  job.model_settings["trees"] = 12;
  std::vector<std::string> stages;
  std::vector<std::uint64_t> totals;
  bool has_accuracy = false;
  const auto ran = start(settings()).run(job, [&](const ProgressUpdate& update) {
    if (stages.empty() || stages.back() != update.stage) {
      stages.emplace_back(update.stage);
      totals.push_back(update.total);
    }
    EXPECT_LE(update.done, update.total);
    if (update.metric == "val_accuracy") {
      has_accuracy = true;
      EXPECT_TRUE(update.value > 0.2 && update.value < 0.9) << update.value;
    }
    if (update.done > 1) {  // the first has no time behind it to go by
      EXPECT_TRUE(update.seconds_left.has_value());
    }
  });
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(stages, (std::vector<std::string>{"prepare", "search", "leak_check", "walk_forward", "fit"}));
  EXPECT_EQ(totals, (std::vector<std::uint64_t>{0, 6, 4, 3, 12}));
  EXPECT_TRUE(has_accuracy);
}

TEST_F(ChildExecutor, RunsSeveralJobsAndKeepsTheirOrder) {
  std::vector<Job> jobs;
  for (const std::int64_t run : {3, 1, 2}) {
    jobs.push_back(small_job(run));
    jobs.back().seed = static_cast<std::uint64_t>(run);
  }
  jobs[1].model_kind = "oracle";
  ChildExecutorSettings with = settings();
  with.threads = 2;
  with.keep_jobs = 2;
  std::uint64_t last = 0;
  const auto results = start(with).run_all(jobs, [&](const ProgressUpdate& update) {
    EXPECT_EQ(update.total, 3U);
    EXPECT_GE(update.done, last);
    last = update.done;
  });
  EXPECT_EQ(last, 3U);
  ASSERT_EQ(results.size(), 3U);
  for (const std::size_t i : {0U, 2U}) {
    ASSERT_TRUE(results[i]) << results[i].error().message;
    EXPECT_EQ(results[i]->artifact.model_bytes, result_of(jobs[i]).artifact.model_bytes);
  }
  EXPECT_EQ(failure_of(results[1], ErrorCode::bad_config), "model kind `oracle` is not known here");
  EXPECT_EQ(files.list(folder.path() / "jobs").size(), 2U);
}

TEST_F(ChildExecutor, FailsAsTheTrainerFails) {
  Job none = small_job();
  none.series[0].rows_from = none.cut;
  const auto inline_error = run_job(none, 1, {});
  EXPECT_EQ(failure_of(start(settings()).run(none, {}), ErrorCode::insufficient_data),
            inline_error.error().message);
  Job ahead = small_job();
  ahead.cut -= kHourMs;
  EXPECT_TRUE(contains(failure_of(start(settings()).run(ahead, {}), ErrorCode::corrupt), "look-ahead"));
}

TEST_F(ChildExecutor, SaysThatTheProgramIsMissing) {
  EXPECT_EQ(failure_of(start(settings("/no/such/pawl")).run(small_job(), {}), ErrorCode::not_found),
            "crypto-live/BTC_USDT: /no/such/pawl cannot be started: No such file or directory");
}

TEST_F(ChildExecutor, PassesOnTheLastWordsOfOneThatFails) {
  const std::string program = script("echo first >&2\necho 'no weights today' >&2\nexit 3");
  const std::string message = failure_of(start(settings(program)).run(small_job(), {}));
  EXPECT_TRUE(message.starts_with(
      "crypto-live/BTC_USDT: the trainer failed: exit 3: no weights today; `pawl train --job "))
      << message;
}

TEST_F(ChildExecutor, IsNotTakenInByRubbish) {
  const std::string rubbish =
      "head -c 300000 /dev/urandom\necho '{\"stage\":7}'\necho '{\"stage\":\"fit\"}'\n";
  const std::string message =
      failure_of(start(settings(script(rubbish))).run(small_job(), {}), ErrorCode::corrupt);
  EXPECT_TRUE(contains(message, "its result cannot be read")) << message;
  const std::string half = script(rubbish + "echo half > $3/artifact.model; echo half > $3/report.json\n" +
                                  "echo half > $3/selftest.bin; echo half > $3/done");
  EXPECT_TRUE(
      contains(failure_of(start(settings(half)).run(small_job(), {}), ErrorCode::corrupt), "does not match"));
}

TEST_F(ChildExecutor, KillsOneThatIsSilent) {
  ChildExecutorSettings with = settings(hanging_script());
  with.silence_ms_max = 300;
  const std::string message = failure_of(start(with).run(small_job(), {}));
  EXPECT_TRUE(contains(message, "told of no progress for 0.3 s and was killed as hung")) << message;
}

TEST_F(ChildExecutor, KillsOneThatTakesTooLong) {
  // It never falls silent, and never ends.
  ChildExecutorSettings with =
      settings(script("while true; do echo '{\"stage\":\"fit\",\"done\":1,\"total\":9}'; done"));
  with.silence_ms_max = 60'000;
  with.run_ms_max = 300;
  const std::string message = failure_of(start(with).run(small_job(), {}));
  EXPECT_TRUE(contains(message, "killed after 0.3 s, all that training.run_minutes_max gives it")) << message;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadow needs more than any limit
TEST_F(ChildExecutor, LimitsTheMemory) {
  Job job = small_job();
  job.series[0].bars = test::walk_bars(1, 600'000);
  job.cut = job.series[0].bars.back().close_time;
  ChildExecutorSettings with = settings();
  with.memory_bytes_max = 120 * 1024 * 1024;
  ASSERT_TRUE(start(with).run(small_job(), {})) << "a small job fits";
  const std::string message = failure_of(start(with).run(job, {}));
  EXPECT_TRUE(contains(message, "more than the 120 MB that training.memory_mb_max gives it")) << message;
}
#endif

TEST_F(ChildExecutor, StopsWithinASecondWhereItIsCancelled) {
  const std::string hanging = hanging_script();
  ChildExecutorSettings with = settings(hanging);
  with.threads = 2;
  start(with);
  std::promise<void> running;
  std::vector<Job> jobs = {small_job(1), small_job(2), small_job(3)};
  std::vector<Result<JobResult>> results;
  bool told = false;
  std::jthread worker([&] {
    results = executor->run_all(jobs, [&](const ProgressUpdate&) {
      if (!std::exchange(told, true)) running.set_value();
    });
  });
  running.get_future().wait();
  const double asked = monotonic_seconds();
  executor->cancel();
  worker.join();
  EXPECT_LT(monotonic_seconds() - asked, 1.0);
  ASSERT_EQ(results.size(), 3U);
  for (const auto& result : results) {
    EXPECT_EQ(failure_of(result, ErrorCode::cancelled), "crypto-live/BTC_USDT: the training was cancelled");
  }
  failure_of(executor->run(small_job(), {}), ErrorCode::cancelled);
  test::write_file(hanging, "#!/bin/sh\nexec " + std::string(PAWL_BINARY) + " \"$@\"\n");
  executor->allow();
  EXPECT_TRUE(executor->run(small_job(), {})) << "and goes on where that is asked for";
}

// The trainer is killed at moments spread over its life. A run that ended just before is a result.
void kill_often(Executor& executor, int times) {
  double life = 0;  // seconds that an undisturbed run takes
  {
    const double began = monotonic_seconds();
    ASSERT_TRUE(executor.run(small_job(), {}));
    life = monotonic_seconds() - began;
  }
  Random random(7);
  int killed = 0;
  for (int i = 0; i < times; ++i) {
    std::atomic<bool> ended = false;
    const double wait = random.uniform() * life;
    // Finds the child as the system shows it, since the executor does not tell: the only one we have.
    std::jthread killer([&] {
      const double began = monotonic_seconds();
      while (!ended && monotonic_seconds() - began < wait) std::this_thread::yield();
      while (!ended) {
        for (const auto& task : fs::directory_iterator("/proc/self/task")) {
          std::ifstream children(task.path() / "children");
          for (int pid = 0; children >> pid;) kill(pid, SIGKILL);
        }
        std::this_thread::yield();
      }
    });
    const auto result = executor.run(small_job(100 + i), {});
    ended = true;
    killer.join();
    if (result) continue;
    ++killed;
    ASSERT_EQ(result.error().code, ErrorCode::internal) << result.error().message;
    ASSERT_TRUE(contains(result.error().message, "killed by signal 9 (out of memory?)"))
        << result.error().message;
  }
  EXPECT_GT(killed, times / 2);
  EXPECT_TRUE(executor.run(small_job(999), {})) << "the next run works";
}

TEST_F(ChildExecutor, SurvivesThatItsTrainerIsKilledAHundredTimes) {
  kill_often(start(settings()), 100);
}

}  // namespace
}  // namespace pawl::training
