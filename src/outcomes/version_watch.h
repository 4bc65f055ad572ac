// Two versions of a line side by side on bars as they come: the one that serves, and another one that goes on
// answering beside it. Is the other one better? Asked after every label, as an e-process may be (gates.md
// §3).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/prediction.h"
#include "stats/e_process.h"

namespace pawl::outcomes {

// Evidence that the other one earns more. It is asked about one instant at a time: the next one only once the
// labels of the last are known, so that no two bets share a bar. At one instant it does not matter in which
// order the markets of a line are shown, nor whether an outcome comes before or after what is said next. O(1)
// a bar; bounded by the markets of a line. One thread at a time.
class VersionWatch {
 public:
  // Whether what is predicted of the market at `now` is to be asked about: no label of an earlier instant is
  // open, or none of this market, and those of the others may still come at `now`.
  bool wants(TimeMs now, std::string_view symbol = {}) const;
  // A prediction that was wanted was served, and the other version would have said `other`.
  void ask(const Prediction& served, Side other);
  // An outcome has become known; those that were not asked about are not looked at. `round_trip` is what
  // getting in and out costs, as a fraction.
  void settle(const Outcome& outcome, double round_trip);

  // K reaches 20 with a chance of 5 % at most where the mean of what the other one earns more, of differences
  // cut at three usual moves, is not above zero, however often it is looked at.
  double e_value() const { return process_.value(); }
  std::uint64_t labels() const { return process_.rows(); }
  // Mean difference of the after-cost returns of a label, other less served; nothing before the first.
  std::optional<double> mean_difference() const;

 private:
  struct Asked {
    Side other;
    std::string symbol;
  };
  using Answers = std::map<std::int64_t, Asked>;  // by prediction

  // A market that stopped trading does not hold up the others for good.
  bool is_overdue(TimeMs now) const;
  void end_instant();

  Answers open_;
  TimeMs asked_at_ = 0;
  // Said while labels of other markets were open: asked about if those turn out to be known at that instant.
  Answers next_;
  TimeMs next_at_ = 0;
  // Of the instant whose labels are coming in: the markets of a pooled line count as one bet.
  double difference_ = 0, move_ = 0;
  std::int64_t markets_ = 0;
  TimeMs first_known_at_ = 0;  // of the first of them
  // Before it: what a label usually moves, by which differences are brought to [−1, 1].
  double moves_ = 0, differences_ = 0;
  std::int64_t instants_ = 0;
  stats::EProcess process_;
};

}  // namespace pawl::outcomes
