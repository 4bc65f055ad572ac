// Where bars come from. A source hands out closed bars in time order and says what it found wrong or odd.
//
// A new source is one file in sources/ and one line in sources.cc. It owns its own connections; one thread
// calls it at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/settings.h"
#include "domain/bar_series.h"
#include "domain/calendar.h"
#include "domain/symbol.h"
#include "domain/timeframe.h"

namespace pawl::market {

// What a source delivered for one symbol and timeframe.
struct Delivery {
  BarSeries bars;             // strictly increasing, valid, closed
  std::vector<BarGap> gaps;   // holes the calendar cannot explain; reported, never filled
  std::int64_t bad_rows = 0;  // skipped, where the caller asked for that; the first few are in `notes`
  bool has_volume = true;     // false where every volume is zero: volume features must refuse
  std::vector<std::string> notes;
};

struct Request {
  Symbol symbol;
  Timeframe timeframe;
  MarketCalendar calendar;
  bool skip_bad_rows = false;  // leave out and count a row that is no bar, also where the source would refuse
};

class DataSource {
 public:
  virtual ~DataSource() = default;
  // All bars that there are for the request.
  virtual Result<Delivery> fetch(const Request& request, const ProgressSink& progress) = 0;
};

// The holes in a series: neighbours that do not touch although the market traded in between.
std::vector<BarGap> find_gaps(const BarSeries& bars, const MarketCalendar& calendar);

}  // namespace pawl::market
