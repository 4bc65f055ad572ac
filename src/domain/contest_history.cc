#include "domain/contest_history.h"

#include <algorithm>

namespace pawl {

void ContestHistory::tell(Evidence& evidence, TimeMs now, const Json& training) const {
  constexpr double kYearMs = 365.25 * static_cast<double>(kDayMs);
  evidence.earlier_contests = contests_;
  evidence.trials = trials_ + 1;
  evidence.years_since_contest.reset();
  if (last_) evidence.years_since_contest = static_cast<double>(now - *last_) / kYearMs;
  const auto tried = training.find("search");
  // The challenger is one of its search's trials.
  if (tried != training.end() && tried->is_array() && !tried->empty()) {
    evidence.trials = trials_ + static_cast<std::int64_t>(tried->size());
  }
  const auto overfitting = training.find("overfitting");
  if (overfitting == training.end() || !overfitting->is_object()) return;
  const auto probability = overfitting->find("probability");
  if (probability != overfitting->end() && probability->is_number()) {
    evidence.overfitting_probability = probability->get<double>();
  }
}

void ContestHistory::take(bool answered, const std::optional<ContestDifference>& difference,
                          std::int64_t trials, TimeMs at) {
  trials_ = trials;
  if (!answered) return;
  last_ = at;
  if (!difference) return;
  contests_.insert(contests_.begin(), *difference);
  contests_.resize(std::min(contests_.size(), kRemembered));
}

}  // namespace pawl
