#include <set>

#include "features/plan.h"

namespace pawl::features {

Result<FeatureList> FeatureList::parse(std::span<const std::string> specs, Timeframe base,
                                       const MarketCalendar& calendar,
                                       const std::vector<std::string>& joined) {
  if (specs.empty()) return fail(ErrorCode::bad_config, "the list of features is empty; name at least one");
  if (auto status = check_joined_names(joined); !status) return propagate(status);
  std::vector<Expr> features;
  std::set<std::string> seen;
  for (const std::string& spec : specs) {
    auto feature = parse_expression(spec, base, joined);
    if (!feature) return propagate(feature);
    const std::string text = canonical_text(*feature);
    if (!seen.insert(text).second) {
      return fail(ErrorCode::bad_config, "feature \"{}\", column 1: the list has {} already", spec, text);
    }
    features.push_back(std::move(*feature));
  }
  FeatureList list;
  list.plan_ = std::make_shared<const Plan>(make_plan(features, base, calendar));
  return list;
}

const std::vector<std::string>& FeatureList::specs() const {
  return plan_->specs;
}
const std::string& FeatureList::hash() const {
  return plan_->hash;
}
bool FeatureList::needs_volume() const {
  return plan_->needs_volume;
}
std::size_t FeatureList::warm_up_bars() const {
  return plan_->warm_up_bars;
}
std::size_t FeatureList::memory_bars(double eps) const {
  return plan_->memory_bars(eps);
}
std::vector<std::pair<Timeframe, std::size_t>> FeatureList::memory_by_timeframe(double eps) const {
  return plan_->memory_by_timeframe(eps);
}

}  // namespace pawl::features
