// What there is to say of feature kinds and of expressions, from the declarations that also check and compute
// them. Lists and pages for people are written from it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "domain/calendar.h"
#include "domain/timeframe.h"
#include "features/feature.h"

namespace pawl::app {

// The bars that features are of.
struct FeatureBars {
  Timeframe timeframe = kH1;
  MarketCalendar calendar = MarketCalendar::utc_always();
  std::vector<std::string> outside = {};  // names of the outside series that are joined to them
};

// Older bars count for less than this, relatively, once `memory_bars` have passed.
inline constexpr double kMemoryEps = 1e-9;

// One kind: its declaration, and what it needs with all parameters at their defaults. `memory_bars` is null
// where older bars count for ever.
Json kind_json(const features::FeatureKind& kind, const FeatureBars& bars);
// All of them, in the order of the room's list.
Json kinds_json(const FeatureBars& bars);

// What a list of expressions is computed from: each by itself, the list, and the nodes in an order in which
// they can be computed, each that several need once. bad_config as the parser gives it.
Result<Json> expressions_json(std::span<const std::string> expressions, const FeatureBars& bars);

}  // namespace pawl::app
