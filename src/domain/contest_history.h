// What a line remembers of its contests, for a gate that learns from them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "domain/evidence.h"

namespace pawl {

class ContestHistory {
 public:
  static constexpr std::size_t kRemembered = 100;

  // Tells the evidence of a contest at `now` what came before it. `search_trials` beyond the challenger
  // itself.
  void tell(Evidence& evidence, TimeMs now, std::int64_t search_trials) const {
    constexpr double kYearMs = 365.25 * static_cast<double>(kDayMs);
    evidence.earlier_contests = contests_;
    evidence.trials = trials_ + 1 + search_trials;
    evidence.years_since_contest.reset();
    if (last_) evidence.years_since_contest = static_cast<double>(now - *last_) / kYearMs;
  }
  // Takes a contest that was held at `at`. One without enough rows to differ counts as a trial only.
  void take(const std::optional<ContestDifference>& difference, std::int64_t trials, TimeMs at) {
    last_ = at;
    trials_ = trials;
    if (!difference) return;
    contests_.insert(contests_.begin(), *difference);
    contests_.resize(std::min(contests_.size(), kRemembered));
  }

 private:
  std::vector<ContestDifference> contests_;  // newest first
  std::optional<TimeMs> last_;
  std::int64_t trials_ = 0;
};

}  // namespace pawl
