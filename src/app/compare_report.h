// What a comparison of policies found, for machines and for people.
#pragma once

#include <string>
#include <vector>

#include "studies/compare_spec.h"
#include "studies/comparison.h"

namespace pawl::app {

struct CompareReport {
  const recipe::Recipe& recipe;
  const studies::CompareSpec& spec;
  const studies::Arena& arena;
  const studies::Comparison& comparison;
  std::vector<std::string> notes;
  double elapsed_s = 0;
  int threads = 1;
};

// One JSON object, with a newline at the end. All times of the clock and the processor stand under "cost".
std::string to_json_text(const CompareReport& report);
// A table, the wealth of each policy over time, and what may be said of it.
std::string summary_text(const CompareReport& report);

}  // namespace pawl::app
