// Training beside serving: each job in a process of its own, which reads nothing but the job's folder, runs
// when nobody else wants the processor, and can be killed at any moment. Whatever becomes of it is an error
// of run() and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/process.h"
#include "training/executor.h"

namespace pawl::training {

struct ChildExecutorSettings {
  std::string program = kOwnProgram;  // run as `<program> train --job FOLDER --progress json --threads N`
  Path jobs_folder;                   // where each job's folder is written; the newest `keep_jobs` stay
  std::int64_t keep_jobs = 1000;
  int threads = 1;                     // of one job; of several at once, each has one
  std::uint64_t memory_bytes_max = 0;  // of each child's address space; 0: no limit
  DurationMs run_ms_max = 0;           // a longer run is killed; 0: no limit
  DurationMs silence_ms_max = 0;       // one that tells of no progress for so long is killed; 0: no limit
  bool idle_priority = true;
};

// run() and run_all() start and await the children on the thread that calls them, which must not end before
// they return: the children die with it. The results are those of the inline executor, byte for byte.
//
// A trainer that fails by itself gives its own error. Else the error says what became of it and what to do:
// not_found or io (it could not be started), cancelled, corrupt (its result does not verify), internal
// (killed by a signal, hung, over its time or its memory, ended with another exit code than 0).
//
// Of several jobs progress counts those that have ended, and tells what one of the others is doing.
std::unique_ptr<Executor> make_child_executor(FileSystem& files, ChildExecutorSettings settings);

}  // namespace pawl::training
