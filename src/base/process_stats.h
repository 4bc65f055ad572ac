// What this process takes of the machine, as the kernel tells it.
#pragma once

namespace pawl {

struct ProcessStats {
  double resident_bytes = 0, cpu_seconds = 0, open_files = 0, started_at_seconds = 0;
};
// Zero for what the system does not tell.
ProcessStats process_stats();

}  // namespace pawl
