// The process that runs for months, and how it is told to end.
#pragma once

#include "app/live_process.h"

namespace pawl::app {

int run_command(const CommonOptions& common, const RunOptions& options);
// Tells the process that runs in the data folder to stop, and waits until it has.
int stop_command(const CommonOptions& common);

}  // namespace pawl::app
