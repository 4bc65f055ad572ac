// The kinds that kinds.cc lists, and what they share.
#pragma once

#include "labels/labeller.h"

namespace pawl::labels {

LabellerKind horizon_return_kind();
LabellerKind triple_barrier_kind();

// Whether a trade may run from one session into another. Declared by add_setting, obeyed by allows.
class SessionRule {
 public:
  static void add_setting(Schema& schema);
  SessionRule(const Settings& settings, const MarketCalendar& calendar);
  // True where a trade may be entered in one bar and left in the other.
  bool within() const { return within_; }
  bool allows(const BarSeries& bars, std::size_t entry_bar, std::size_t exit_bar) const;

 private:
  bool within_;
  MarketCalendar calendar_;
};

}  // namespace pawl::labels
