// Where a job runs. One header for all: inline (replay, tests), a child process (child_executor.h), and later
// remote runners. One thread at a time, but for cancel() and allow().
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "training/job.h"

namespace pawl::training {

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs the job to its end. A failure of the trainer is an error here and changes nothing else.
  virtual Result<JobResult> run(const Job& job, const ProgressSink& progress) = 0;
  // Jobs that do not depend on each other, such as the lines of a group: results in the order given, the same
  // as one by one.
  virtual std::vector<Result<JobResult>> run_all(std::span<const Job> jobs, const ProgressSink& progress);
  // Safe from any thread. What runs ends with the error `cancelled`, a child process within a second, a job
  // of this process only once it has been trained; what is asked for later is refused likewise, until
  // allow().
  virtual void cancel() { cancelled_ = true; }
  virtual void allow() { cancelled_ = false; }

 protected:
  bool cancelled() const { return cancelled_; }
  static std::unexpected<Error> cancelled_error(const Job& job);

 private:
  std::atomic<bool> cancelled_ = false;
};

// In this process and thread. Where `jobs_folder` is not empty, each job's folder is written there (see
// job_folder_name) and the job is read back from it, so that what ran is what is on disk; the newest
// `keep_jobs` folders stay.
std::unique_ptr<Executor> make_inline_executor(FileSystem& files, Path jobs_folder, std::int64_t keep_jobs,
                                               int threads);

}  // namespace pawl::training
