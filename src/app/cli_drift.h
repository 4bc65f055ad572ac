// The words of `pawl drift`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "app/commands/drift.h"

namespace pawl::app {

// As add_explain().
void add_drift(CLI::App& app, const CommonOptions& common, DriftOptions& options,
               const std::function<void(CLI::App&)>& add_common, int& exit);

}  // namespace pawl::app
