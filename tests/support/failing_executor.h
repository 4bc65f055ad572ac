// An executor that fails when a test wants it to, and remembers every job that went through it. Wraps the
// real seam; what it lets through runs for real.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "training/executor.h"

namespace pawl::test {

class FailingExecutor final : public training::Executor {
 public:
  explicit FailingExecutor(std::unique_ptr<training::Executor> real) : real_(std::move(real)) {}

  // The next `count` jobs fail, after `pass` more have been let through.
  void fail_next(int count, int pass = 0) {
    failing_ = count;
    passing_ = pass;
  }

  Result<training::JobResult> run(const training::Job& job, const ProgressSink& progress) override {
    jobs.push_back(job);
    if (passing_ > 0) {
      --passing_;
    } else if (failing_ > 0) {
      --failing_;
      return fail(ErrorCode::internal, "the trainer ran out of memory");
    }
    return real_->run(job, progress);
  }

  std::vector<training::Job> jobs;  // in the order in which they were asked for

 private:
  std::unique_ptr<training::Executor> real_;
  int failing_ = 0, passing_ = 0;
};

}  // namespace pawl::test
