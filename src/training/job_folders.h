// The folders that an executor keeps of its jobs. Private to the room. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "training/job.h"

namespace pawl::training {

class JobFolders {
 public:
  // Under `folder`, the newest `keep` of them.
  JobFolders(FileSystem& files, Path folder, std::int64_t keep);
  Path path_of(const Job& job) const { return folder_ / job_folder_name(job); }
  // Writes the input side, in place of what an interrupted run left under that name.
  Status write(const Job& job);
  // The job has ended: its folder counts from now on, and the oldest go.
  Status keep(const Job& job);

 private:
  FileSystem& files_;
  Path folder_;
  std::int64_t keep_;
  std::vector<std::string> kept_;  // oldest first
};

}  // namespace pawl::training
