#include "training/job_folders.h"

#include <algorithm>
#include <utility>

namespace pawl::training {

// Names begin with the run's number, so their order is their age.
JobFolders::JobFolders(FileSystem& files, Path folder, std::int64_t keep)
    : files_(files), folder_(std::move(folder)), keep_(keep), kept_(files.list(folder_)) {}

Status JobFolders::write(const Job& job) {
  const Path folder = path_of(job);
  // A folder of that name is what an interrupted run left: its id was never completed.
  if (Status removed = files_.remove_all(folder); !removed) return removed;
  return write_job(files_, folder, job);
}

Status JobFolders::keep(const Job& job) {
  const std::string name = job_folder_name(job);
  std::erase(kept_, name);
  kept_.push_back(name);
  while (std::cmp_greater(kept_.size(), keep_)) {
    if (Status removed = files_.remove_all(folder_ / kept_.front()); !removed) return removed;
    kept_.erase(kept_.begin());
  }
  return {};
}

}  // namespace pawl::training
