// Two versions of a line side by side on bars as they come: the one that serves, and another one that goes on
// answering beside it. Is the other one better? Asked after every label, as an e-process may be (gates.md
// §3).
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "domain/prediction.h"
#include "stats/e_process.h"

namespace pawl::outcomes {

// Evidence that the other one earns more. It is asked about one instant at a time: the next one only once the
// labels of the last are known, so that no two bets share a bar. O(1) a bar; bounded by the markets of a
// line. One thread at a time.
class VersionWatch {
 public:
  // Whether what is predicted at `now` is to be asked about: no label of an earlier instant is open.
  bool wants(TimeMs now) const { return open_.empty() || now == asked_at_; }
  // A prediction was served, and the other version would have said `other`. At one instant as often as the
  // line has markets.
  void ask(const Prediction& served, Side other) {
    asked_at_ = served.known_at;
    open_[served.id] = other;
  }
  // An outcome has become known; those that were not asked about are not looked at. `round_trip` is what
  // getting in and out costs, as a fraction.
  void settle(const Outcome& outcome, double round_trip);

  // K: acts at 20 with a chance of 5 % that the other one is not better, however often it is looked at.
  double e_value() const { return process_.value(); }
  std::uint64_t labels() const { return process_.rows(); }
  // Mean difference of the after-cost returns of a label, other less served; nothing before the first.
  std::optional<double> mean_difference() const;

 private:
  std::map<std::int64_t, Side> open_;  // by prediction
  TimeMs asked_at_ = 0;
  // Of the instant whose labels are coming in: the markets of a pooled line count as one bet.
  double difference_ = 0, move_ = 0;
  std::int64_t markets_ = 0;
  // Before it: what a label usually moves, by which differences are brought to [−1, 1].
  double moves_ = 0, differences_ = 0;
  std::int64_t instants_ = 0;
  stats::EProcess process_;
};

}  // namespace pawl::outcomes
