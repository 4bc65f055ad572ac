// Why a prediction came out as it did, and what a version goes by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/context.h"

namespace pawl::app {

struct ExplainOptions {
  std::optional<std::int64_t> prediction;  // its number; nothing: the newest of the line
  std::string line;                        // in full or its last part
  std::string symbol;                      // in place of a line, or one of a pooled line
  std::string version;             // not empty: a version is explained; "champion": the one that serves
  int repeats = 5;                 // of the permutation
  std::int64_t rows_max = 20'000;  // that it looks at, the newest
  bool recorded_only = false;      // of a version: no permutation
};
int explain_command(const CommonOptions& common, const ExplainOptions& options);

}  // namespace pawl::app
