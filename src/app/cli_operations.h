// The words of the commands for whoever runs pawl as a service: keys, doctor, healthcheck.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "app/commands/operations.h"

namespace pawl::app {

struct OperationOptions {
  KeysOptions keys;
  HealthcheckOptions healthcheck;
};

// Adds the commands, which fill `options` and `exit`; all of these must outlive the parsing. `add_common`
// gives a command the options that every one takes, which fill `common`.
void add_operations(CLI::App& app, const CommonOptions& common, OperationOptions& options,
                    const std::function<void(CLI::App&)>& add_common, int& exit);

}  // namespace pawl::app
