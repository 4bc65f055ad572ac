#include "labels/kinds/kinds.h"

namespace pawl::labels {

void SessionRule::add_setting(Schema& schema) {
  schema
      .text("sessions", "ignore",
            "within: a trade that would be left in another session than it was entered in has no label")
      .choices({"ignore", "within"});
}

SessionRule::SessionRule(const Settings& settings, const MarketCalendar& calendar)
    : within_(settings.text("sessions") == "within"), calendar_(calendar) {}

bool SessionRule::allows(const BarSeries& bars, std::size_t entry_bar, std::size_t exit_bar) const {
  if (!within_) return true;
  return calendar_.session_of(bars.open_time(entry_bar)) == calendar_.session_of(bars.open_time(exit_bar));
}

}  // namespace pawl::labels
