// What `pawl gates measure` found, as a table for a terminal and as docs/gates.md.
#pragma once

#include <string>
#include <vector>

#include "studies/gate_measure.h"

namespace pawl::app {

std::string gates_text(const std::vector<studies::MeasuredCell>& cells);
std::string gates_page(const std::vector<studies::MeasuredCell>& cells);

}  // namespace pawl::app
