// Values from outside the bars with the instants from which they may be used, and what was known by an
// instant.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace pawl::loop {

// A value of an outside series from the instant at which it may be used. NaN: from then on there is none.
struct OutsidePoint {
  TimeMs known_at = 0;
  double value = 0;
};

// Points by the name of the outside series and, where they are a symbol's own, by canonical symbol (else "").
using OutsidePoints = std::map<std::pair<std::string, std::string>, std::vector<OutsidePoint>>;

// All below look at points in the order of known_at, and at none that is known after `at`.

// The newest that is known; null where none is. Of two known at the same instant the later given.
const OutsidePoint* newest_known(std::span<const OutsidePoint> points, TimeMs at);

// The sum of those known within (at − span, at]; zero where there are none among earlier ones, NaN where none
// was ever known.
double sum_within(std::span<const OutsidePoint> points, TimeMs at, DurationMs span);

// Sums of values that lose half their weight with every half-life since they were known: with each value
// S = S·2^(−Δ/half-life) + s. Immutable; built in one pass.
class DecayedSums {
 public:
  DecayedSums(std::span<const OutsidePoint> points, DurationMs half_life);

  // Nothing where no value was known.
  std::optional<double> sum(TimeMs at) const;   // of the weighted values: it fades where nothing new comes
  std::optional<double> mean(TimeMs at) const;  // by those weights

 private:
  struct Sums {
    TimeMs known_at = 0;
    double values = 0, weights = 0;
  };
  const Sums* newest(TimeMs at) const;
  double kept_after(DurationMs time) const;  // the share of a weight that is left

  double half_life_ms_;
  std::vector<Sums> sums_;
};

}  // namespace pawl::loop
