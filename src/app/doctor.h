// What can be wrong with an installation, found out before or while it runs: `pawl doctor`.
#pragma once

#include <string>
#include <vector>

#include "app/context.h"

namespace pawl::app {

struct Finding {
  enum class State { ok, warn, fail };
  std::string check;  // "disk": stable, for programs
  State state = State::ok;
  std::string text;    // what was found
  std::string advice;  // what to do; empty where it is fine
};
std::string_view state_name(Finding::State state);

// Of the machine: disk, memory, cores, open files, clock, port, trainer. Starts `pawl train --help` and asks
// the server's port; changes nothing.
std::vector<Finding> check_machine(const CommonOptions& common, const recipe::Recipe& recipe);

// Of the data folder: folder, lock, store, champions, bars, keys. Reads the whole store; changes nothing.
std::vector<Finding> check_data(const CommonOptions& common, const recipe::Recipe& recipe, TimeMs now);

}  // namespace pawl::app
