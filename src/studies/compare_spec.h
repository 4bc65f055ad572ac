// Which policies a comparison leads, as a file says it: a list, a grid, or both.
//
//   policies:                     # each with keys of the recipe, as --set takes them
//     - name: weekly
//       set: {gate.policy: better, auto_training.enabled: false, triggers: [{kind: cron}]}
//   grid:                         # every combination of one gate, one set of triggers, one of windows
//     gates: {better: {gate.policy: better}, always: {gate.policy: always}}
//     triggers: {monthly: {auto_training.max_days_between_retrain: 30}}
//     windows: {90 d: {validation.window_days: 90}}
//   baseline: better / monthly / 90 d
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pawl::studies {

struct PolicySpec {
  std::string name;  // of a grid: "gate / triggers / windows", those that it has
  std::vector<std::pair<std::string, std::string>> set;  // as recipe::Overrides::set
  std::string place;                                     // "config/compare/crypto.yaml:12"
};

struct CompareSpec {
  std::vector<PolicySpec> policies;  // the list, then the grid, gates slowest; at least one
  std::string baseline;              // what the others are set against: a name of one of them
};

// bad_config with file and line: an unknown key, a name twice, a baseline that is no policy, nothing at all.
// What the keys mean, and whether their values are right, is the recipe's to say.
Result<CompareSpec> read_compare_spec(std::string_view yaml, std::string_view file_name);

}  // namespace pawl::studies
