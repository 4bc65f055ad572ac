// The words of `pawl import` and `pawl import bars`: the same for both.
#pragma once

#include <CLI/CLI.hpp>

#include "app/commands/import_bars.h"

namespace pawl::app {

// Adds the options that fill `options`, which must outlive the parsing, and the files; returns the latter.
CLI::Option* add_bar_files(CLI::App& command, ImportBarsOptions& options);

}  // namespace pawl::app
