// Which features drifted, since when, and what to do.
#pragma once

#include <string>

#include "app/context.h"

namespace pawl::app {

struct DriftOptions {
  std::string line;  // in full or its last part; empty: the only one there is
  int checks = 20;   // that the chart spans
};
int drift_command(const CommonOptions& common, const DriftOptions& options);

}  // namespace pawl::app
