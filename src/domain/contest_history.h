// What a line remembers of its contests, for a gate that learns from them.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "domain/evidence.h"

namespace pawl {

class ContestHistory {
 public:
  static constexpr std::size_t kRemembered = 100;

  // Tells the evidence of a contest at `now` what came before it. `training` is the report of the training
  // that made the challenger: with {"search":[trials],"overfitting":{"probability":…}} where settings were
  // searched for.
  void tell(Evidence& evidence, TimeMs now, const Json& training) const;
  // Takes a contest that was held at `at`, after which so many models have been tried. One that was not
  // answered, because its rows did not suffice, counts as a trial only: no claim was tested, so no chance of
  // an error was spent.
  void take(bool answered, const std::optional<ContestDifference>& difference, std::int64_t trials,
            TimeMs at);

 private:
  std::vector<ContestDifference> contests_;  // newest first
  std::optional<TimeMs> last_;
  std::int64_t trials_ = 0;
};

}  // namespace pawl
