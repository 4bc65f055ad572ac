// What a completed run's document keeps of a line's contest, for whoever goes on from it.
#pragma once

#include <optional>

#include "domain/evidence.h"
#include "store/store.h"

namespace pawl::loop {

struct RememberedContest {
  bool answered = false;  // the rows sufficed
  std::optional<ContestDifference> difference;
  std::int64_t trials = 1;  // models tried for the line by then
};

// Nothing where the run has not completed, the line was ineligible in it or no part of it, or its document is
// of before contests were remembered. corrupt or bad_data where the difference cannot be read.
Result<std::optional<RememberedContest>> remembered_contest(const store::RunRecord& run, const LineId& line);

}  // namespace pawl::loop
