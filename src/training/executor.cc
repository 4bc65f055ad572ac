#include "training/executor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/parallel.h"
#include "training/job_folders.h"

namespace pawl::training {

namespace {

class InlineExecutor final : public Executor {
 public:
  InlineExecutor(FileSystem& files, Path jobs_folder, std::int64_t keep_jobs, int threads)
      : files_(files), threads_(threads) {
    if (!jobs_folder.empty()) folders_.emplace(files, std::move(jobs_folder), keep_jobs);
  }

  Result<JobResult> run(const Job& job, const ProgressSink& progress) override {
    Result<Job> ready = begin(job);
    if (!ready) return propagate(ready);
    Result<JobResult> result = run_job(*ready, threads_, progress);
    return end(job, std::move(result));
  }

  std::vector<Result<JobResult>> run_all(std::span<const Job> jobs, const ProgressSink& progress) override {
    std::vector<Result<Job>> ready;
    for (const Job& job : jobs) ready.push_back(begin(job));
    std::vector<Result<JobResult>> results(jobs.size(), fail(ErrorCode::internal, "the job was not run"));
    const int at_once = std::min(threads_, static_cast<int>(jobs.size()));
    const int each = std::max(1, threads_ / std::max(1, at_once));
    run_parallel(jobs.size(), at_once, [&](std::size_t i) {
      if (ready[i] && !cancelled()) {
        results[i] = run_job(*ready[i], each, {});
      } else if (!ready[i]) {
        results[i] = propagate(ready[i]);
      }
    });
    if (progress) progress({jobs.size(), jobs.size(), "jobs"});
    for (std::size_t i = 0; i < jobs.size(); ++i) results[i] = end(jobs[i], std::move(results[i]));
    return results;
  }

 private:
  // The job as it is read back from its folder, where folders are kept.
  Result<Job> begin(const Job& job) {
    if (cancelled()) return cancelled_error(job);
    if (!folders_) return job;
    if (Status written = folders_->write(job); !written) return propagate(written);
    return read_job(files_, folders_->path_of(job));
  }

  Result<JobResult> end(const Job& job, Result<JobResult> result) {
    if (cancelled()) return cancelled_error(job);
    if (!folders_ || !result) return result;
    if (Status written = write_result(files_, folders_->path_of(job), *result); !written)
      return propagate(written);
    if (Status kept = folders_->keep(job); !kept) return propagate(kept);
    return result;
  }

  FileSystem& files_;
  std::optional<JobFolders> folders_;
  int threads_;
};

}  // namespace

std::vector<Result<JobResult>> Executor::run_all(std::span<const Job> jobs, const ProgressSink& progress) {
  std::vector<Result<JobResult>> results;
  for (const Job& job : jobs) results.push_back(run(job, progress));
  return results;
}

std::unexpected<Error> Executor::cancelled_error(const Job& job) {
  return fail(ErrorCode::cancelled, "{}: the training was cancelled", job.line);
}

std::unique_ptr<Executor> make_inline_executor(FileSystem& files, Path jobs_folder, std::int64_t keep_jobs,
                                               int threads) {
  return std::make_unique<InlineExecutor>(files, std::move(jobs_folder), keep_jobs, threads);
}

}  // namespace pawl::training
