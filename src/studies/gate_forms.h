// The policies that studies set side by side, in the forms that their originals had.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "gates/gate_policy.h"

namespace pawl::studies {

struct GateForm {
  std::string policy, form;  // "better", "margin 0.01"; an empty form is the only one
  Json settings;             // {"margin": 0.01}
  std::unique_ptr<gates::GatePolicy> gate;

  std::string name() const { return form.empty() ? policy : policy + " (" + form + ")"; }
};

// composite (scaled, relative), better (margin 0, margin 0.01), threshold (relative, absolute, low floors),
// always, never, sound (superior, not_worse).
// `resamples` in place of the default of policies that resample.
Result<std::vector<GateForm>> gate_forms(std::optional<std::int64_t> resamples = {});

}  // namespace pawl::studies
