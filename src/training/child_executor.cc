#include "training/child_executor.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "training/job_folders.h"
#include "training/progress_lines.h"

namespace pawl::training {

namespace {

constexpr std::uint64_t kMegabyte = 1024 * 1024;
constexpr DurationMs kLongestWait = kMinuteMs;

// A job whose child runs.
struct Running {
  std::size_t index;
  ChildProcess child;
  double started, heard;  // seconds on the monotonic clock; `heard`: of its last line of progress
  std::optional<Error> own_failure = {};  // what it said of itself
};

std::string last_line_of(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  return std::string(text.substr(text.find_last_of('\n') + 1));
}

std::string minutes_words(DurationMs ms) {
  return ms % kMinuteMs == 0 ? fmt::format("{} min", ms / kMinuteMs)
                             : fmt::format("{} s", static_cast<double>(ms) / kSecondMs);
}

// What an allocation that was refused leaves behind, by whichever library.
bool tells_of_memory(std::string_view text) {
  for (const char* words :
       {"bad_alloc", "Cannot allocate memory", "out of memory", "Thread creation failed"}) {
    if (text.find(words) != std::string_view::npos) return true;
  }
  return false;
}

class ChildExecutor final : public Executor {
 public:
  ChildExecutor(FileSystem& files, ChildExecutorSettings settings)
      : files_(files),
        settings_(std::move(settings)),
        folders_(files, settings_.jobs_folder, settings_.keep_jobs) {
    assert(!settings_.jobs_folder.empty());
  }

  Result<JobResult> run(const Job& job, const ProgressSink& progress) override {
    return std::move(run_all({&job, 1}, progress).front());
  }

  std::vector<Result<JobResult>> run_all(std::span<const Job> jobs, const ProgressSink& progress) override {
    std::vector<Result<JobResult>> results(jobs.size(), fail(ErrorCode::internal, "the job was not run"));
    const auto at_once = std::min(static_cast<std::size_t>(std::max(settings_.threads, 1)), jobs.size());
    const int each = jobs.size() == 1 ? std::max(settings_.threads, 1) : 1;
    std::vector<Running> running;
    std::size_t next = 0;
    while (next < jobs.size() || !running.empty()) {
      if (cancelled()) {
        for (const Running& one : running) results[one.index] = cancelled_error(jobs[one.index]);
        for (; next < jobs.size(); ++next) results[next] = cancelled_error(jobs[next]);
        break;  // the children are killed with `running`
      }
      for (; next < jobs.size() && running.size() < at_once; ++next) {
        Result<ChildProcess> child = start(jobs[next], each);
        const double now = monotonic_seconds();
        if (child) {
          running.push_back({next, std::move(*child), now, now});
        } else {
          results[next] = within(jobs[next].line, child.error());
        }
      }
      wait(running);
      for (Running& one : running) listen(one, jobs, next - running.size(), progress);
      std::erase_if(running, [&](Running& one) {
        std::optional<Result<JobResult>> result = outcome(one, jobs[one.index]);
        if (!result) return false;
        results[one.index] = std::move(*result);
        return true;
      });
    }
    if (progress && jobs.size() > 1) progress({jobs.size(), jobs.size(), "jobs"});
    keep_folders(jobs, results);
    return results;
  }

  void cancel() override {
    Executor::cancel();
    wakeup_.wake();
  }

  void allow() override {
    wakeup_.clear();
    Executor::allow();
  }

 private:
  Result<ChildProcess> start(const Job& job, int threads) {
    if (Status written = folders_.write(job); !written) return propagate(written);
    const std::string count = std::to_string(threads);
    return ChildProcess::start({.argv = {settings_.program, "train", "--job", folders_.path_of(job).string(),
                                         "--progress", "json", "--threads", count},
                                .environment = {{"OMP_WAIT_POLICY", "PASSIVE"}, {"OMP_NUM_THREADS", count}},
                                .idle_priority = settings_.idle_priority,
                                .memory_bytes_max = settings_.memory_bytes_max});
  }

  // Until one has something to tell, cancel() is called, or the first deadline is there.
  void wait(std::vector<Running>& running) const {
    std::vector<ChildProcess*> children;
    double deadline = monotonic_seconds() + static_cast<double>(kLongestWait) / kSecondMs;
    for (Running& one : running) {
      children.push_back(&one.child);
      if (settings_.run_ms_max > 0)
        deadline = std::min(deadline, one.started + static_cast<double>(settings_.run_ms_max) / kSecondMs);
      if (settings_.silence_ms_max > 0)
        deadline = std::min(deadline, one.heard + static_cast<double>(settings_.silence_ms_max) / kSecondMs);
    }
    if (children.empty()) return;
    const double left_ms = std::max(0.0, std::ceil((deadline - monotonic_seconds()) * 1000));
    ChildProcess::wait_for_any(children, &wakeup_, static_cast<DurationMs>(left_ms));
  }

  void listen(Running& one, std::span<const Job> jobs, std::size_t ended,
              const ProgressSink& progress) const {
    for (const std::string& text : one.child.lines()) {
      const Result<ProgressLine> line = read_progress_line(text);
      if (!line) continue;  // what a library prints is no progress, and no reason to fail either
      one.heard = monotonic_seconds();
      if (line->failure) one.own_failure = line->failure;
      if (!progress || line->failure || line->stage == "done") continue;
      if (jobs.size() == 1) {
        progress(line->update());
      } else {
        const std::string note = fmt::format("{}: {} {}/{} {}", jobs[one.index].line, line->stage, line->done,
                                             line->total, line->note);
        ProgressUpdate update = line->update();
        update.done = ended;
        update.total = jobs.size();
        update.note = note;
        update.seconds_left = std::nullopt;  // it is that of one stage of one job
        progress(update);
      }
    }
  }

  // What became of it; nothing where it still runs and may.
  std::optional<Result<JobResult>> outcome(Running& one, const Job& job) {
    if (const auto status = one.child.ended()) {
      for (const std::string& text : one.child.lines()) {
        if (const auto line = read_progress_line(text); line && line->failure)
          one.own_failure = line->failure;
      }
      return result_of(one, job, *status);
    }
    const double now = monotonic_seconds();
    const auto passed = [now](double since, DurationMs ms_max) {
      return ms_max > 0 && now - since >= static_cast<double>(ms_max) / kSecondMs;
    };
    if (passed(one.started, settings_.run_ms_max)) {
      one.child.kill();
      return fail(
          ErrorCode::internal,
          "{}: the trainer was killed after {}, all that training.run_minutes_max gives it; raise it, "
          "or train on fewer rows",
          job.line, minutes_words(settings_.run_ms_max));
    }
    if (passed(one.heard, settings_.silence_ms_max)) {
      one.child.kill();
      return fail(ErrorCode::internal,
                  "{}: the trainer told of no progress for {} and was killed as hung; look at {}, or raise "
                  "training.silence_minutes_max where the machine is busy",
                  job.line, minutes_words(settings_.silence_ms_max), folders_.path_of(job).string());
    }
    return std::nullopt;
  }

  Result<JobResult> result_of(const Running& one, const Job& job, const ExitStatus& status) {
    const Path folder = folders_.path_of(job);
    if (status.success()) {
      Result<JobResult> result = read_result(files_, folder);
      if (!result) {
        return fail(ErrorCode::corrupt, "{}: the trainer ended, and its result cannot be read: {}", job.line,
                    result.error().message);
      }
      return result;
    }
    const std::string said =
        one.own_failure ? one.own_failure->message : last_line_of(one.child.error_text());
    if (settings_.memory_bytes_max > 0 &&
        (tells_of_memory(one.child.error_text()) || tells_of_memory(said))) {
      return fail(
          ErrorCode::internal,
          "{}: the trainer needed more than the {} MB that training.memory_mb_max gives it ({}); raise "
          "it, or train on fewer rows",
          job.line, settings_.memory_bytes_max / kMegabyte, status.words());
    }
    if (one.own_failure) return std::unexpected(*one.own_failure);
    return fail(ErrorCode::internal, "{}: the trainer failed: {}{}{}; `pawl train --job {}` runs it again",
                job.line, status.words(), said.empty() ? "" : ": ", said, folder.string());
  }

  // A failed job's folder counts too: it is there to be looked at, and must not pile up.
  void keep_folders(std::span<const Job> jobs, std::vector<Result<JobResult>>& results) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (Status kept = folders_.keep(jobs[i]); !kept && results[i]) results[i] = propagate(kept);
    }
  }

  FileSystem& files_;
  ChildExecutorSettings settings_;
  JobFolders folders_;
  Wakeup wakeup_;
};

}  // namespace

std::unique_ptr<Executor> make_child_executor(FileSystem& files, ChildExecutorSettings settings) {
  return std::make_unique<ChildExecutor>(files, std::move(settings));
}

}  // namespace pawl::training
