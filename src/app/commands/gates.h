// `pawl gates`: the gate itself under judgement.
#pragma once

#include <string>
#include <vector>

#include "app/context.h"
#include "studies/gate_regret.h"

namespace pawl::app {

struct GatesOptions {
  bool quick = false;  // a tenth of the repetitions
  std::optional<std::size_t> repetitions;
  std::vector<std::size_t> rows;  // empty: 2,000 and 20,000
  bool markdown = false;          // docs/gates.md
  std::string from;               // a former measurement's JSON, shown instead of measuring
};
struct VerdictRegretOptions {
  std::optional<double> days;  // else the recipe's shadow.days
};
int regret_command(const CommonOptions& common, const VerdictRegretOptions& options);

struct RegretStudyOptions {
  bool quick = false;
  std::optional<std::size_t> seeds;
  studies::Retraining retraining;
  bool markdown = false;  // docs/regret.md
  std::string from;       // a former study's JSON, shown instead of measuring
};
int gates_regret_command(const CommonOptions& common, const RegretStudyOptions& options);
int gates_measure_command(const CommonOptions& common, const GatesOptions& options);

}  // namespace pawl::app
