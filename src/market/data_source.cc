#include "market/data_source.h"

namespace pawl::market {

std::vector<BarGap> find_gaps(const BarSeries& bars, const MarketCalendar& calendar) {
  std::vector<BarGap> gaps;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const BarGap hole{.after = bars.close_time(i - 1), .before = bars.open_time(i)};
    if (hole.after < hole.before && calendar.trades_within(hole.after, hole.before)) gaps.push_back(hole);
  }
  return gaps;
}

}  // namespace pawl::market
