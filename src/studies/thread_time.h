// The processor time of the calling thread, so that work can be told apart from the work beside it.
#pragma once

#include <ctime>

namespace pawl::studies {

inline double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace pawl::studies
