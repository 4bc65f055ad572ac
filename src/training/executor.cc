#include "training/executor.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"

namespace pawl::training {

namespace {

class InlineExecutor final : public Executor {
 public:
  InlineExecutor(FileSystem& files, Path jobs_folder, std::int64_t keep_jobs, int threads)
      : files_(files), jobs_folder_(std::move(jobs_folder)), keep_jobs_(keep_jobs), threads_(threads) {
    if (!jobs_folder_.empty()) kept_ = files_.list(jobs_folder_);
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
      results[i] = ready[i] ? run_job(*ready[i], each, {}) : propagate(ready[i]);
    });
    if (progress) progress({jobs.size(), jobs.size(), "jobs"});
    for (std::size_t i = 0; i < jobs.size(); ++i) results[i] = end(jobs[i], std::move(results[i]));
    return results;
  }

 private:
  // The job as it is read back from its folder, where folders are kept.
  Result<Job> begin(const Job& job) {
    if (jobs_folder_.empty()) return job;
    const Path folder = jobs_folder_ / job_folder_name(job);
    // A folder of that name is what an interrupted run left: its id was never completed.
    if (Status removed = files_.remove_all(folder); !removed) return propagate(removed);
    if (Status written = write_job(files_, folder, job); !written) return propagate(written);
    return read_job(files_, folder);
  }

  Result<JobResult> end(const Job& job, Result<JobResult> result) {
    if (jobs_folder_.empty() || !result) return result;
    const std::string name = job_folder_name(job);
    if (Status written = write_result(files_, jobs_folder_ / name, *result); !written)
      return propagate(written);
    if (Status dropped = drop_oldest(name); !dropped) return propagate(dropped);
    return result;
  }

  // Names begin with the run's number, so their order is their age.
  Status drop_oldest(std::string newest) {
    kept_.push_back(std::move(newest));
    while (std::cmp_greater(kept_.size(), keep_jobs_)) {
      if (Status removed = files_.remove_all(jobs_folder_ / kept_.front()); !removed) return removed;
      kept_.erase(kept_.begin());
    }
    return {};
  }

  FileSystem& files_;
  Path jobs_folder_;
  std::int64_t keep_jobs_;
  int threads_;
  std::vector<std::string> kept_;  // oldest first
};

}  // namespace

std::vector<Result<JobResult>> Executor::run_all(std::span<const Job> jobs, const ProgressSink& progress) {
  std::vector<Result<JobResult>> results;
  for (const Job& job : jobs) results.push_back(run(job, progress));
  return results;
}

std::unique_ptr<Executor> make_inline_executor(FileSystem& files, Path jobs_folder, std::int64_t keep_jobs,
                                               int threads) {
  return std::make_unique<InlineExecutor>(files, std::move(jobs_folder), keep_jobs, threads);
}

}  // namespace pawl::training
