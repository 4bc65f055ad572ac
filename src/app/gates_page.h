// What `pawl gates measure` found, as a table for a terminal and as docs/gates.md.
#pragma once

#include <string>
#include <vector>

#include "studies/gate_measure.h"
#include "studies/gate_regret.h"

namespace pawl::app {

std::string gates_text(const std::vector<studies::MeasuredCell>& cells);
std::string gates_page(const std::vector<studies::MeasuredCell>& cells);

// What `pawl gates regret` found, likewise, and as docs/regret.md.
std::string regret_text(const studies::RegretStudy& study);
std::string regret_page(const studies::RegretStudy& study);

}  // namespace pawl::app
