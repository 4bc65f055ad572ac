#include "training/executor.h"

#include <utility>

namespace pawl::training {

namespace {

class InlineExecutor final : public Executor {
 public:
  InlineExecutor(FileSystem& files, Path jobs_folder, std::int64_t keep_jobs, int threads)
      : files_(files), jobs_folder_(std::move(jobs_folder)), keep_jobs_(keep_jobs), threads_(threads) {
    if (!jobs_folder_.empty()) kept_ = files_.list(jobs_folder_);
  }

  Result<JobResult> run(const Job& job, const ProgressSink& progress) override {
    if (jobs_folder_.empty()) return run_job(job, threads_, progress);
    const Path folder = jobs_folder_ / job_folder_name(job);
    // A folder of that name is what an interrupted run left: its id was never completed.
    if (Status removed = files_.remove_all(folder); !removed) return propagate(removed);
    if (Status written = write_job(files_, folder, job); !written) return propagate(written);
    Result<Job> read = read_job(files_, folder);
    if (!read) return propagate(read);
    Result<JobResult> result = run_job(*read, threads_, progress);
    if (!result) return result;
    if (Status written = write_result(files_, folder, *result); !written) return propagate(written);
    if (Status dropped = drop_oldest(folder.filename().string()); !dropped) return propagate(dropped);
    return result;
  }

 private:
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

std::unique_ptr<Executor> make_inline_executor(FileSystem& files, Path jobs_folder, std::int64_t keep_jobs,
                                               int threads) {
  return std::make_unique<InlineExecutor>(files, std::move(jobs_folder), keep_jobs, threads);
}

}  // namespace pawl::training
