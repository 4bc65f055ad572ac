// The words of `pawl gates` and `pawl regret`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "app/commands/gates.h"

namespace pawl::app {

// As add_features() (cli_features.h); `add_plain` adds what a command without folder and recipe takes.
void add_gates(CLI::App& app, const CommonOptions& common, GatesOptions& options, RegretStudyOptions& regrets,
               const std::function<void(CLI::App&)>& add_plain, int& exit);

void add_regret(CLI::App& app, const CommonOptions& common, VerdictRegretOptions& options,
                const std::function<void(CLI::App&)>& add_common, int& exit);

}  // namespace pawl::app
