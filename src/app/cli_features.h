// The words of `pawl features`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "app/commands/features.h"

namespace pawl::app {

// Adds the command, which fills `options` and `exit`; both must outlive the parsing. `add_common` gives it
// the options that every command takes, which fill `common`.
void add_features(CLI::App& app, const CommonOptions& common, FeaturesOptions& options,
                  const std::function<void(CLI::App&)>& add_common, int& exit);

}  // namespace pawl::app
