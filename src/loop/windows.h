// Which rows a run at T may be trained on and which it is judged by (ADR-1), in instants. Pure.
#pragma once

#include <span>

#include "base/result.h"
#include "domain/calendar.h"
#include "domain/timeframe.h"
#include "recipe/recipe.h"

namespace pawl::loop {

struct Windows {
  TimeMs now = 0;        // T
  TimeMs rows_from = 0;  // T − W: rows are known after this
  TimeMs judged_from =
      0;  // T − J: rows known after this are judged by, and trained on by nobody's judged artifact
  TimeMs fit_cut = 0;    // T − J − h − embargo: nothing known later is in a fit's folder
  TimeMs refit_cut = 0;  // T − h: nothing known later is in a refit's folder
  DurationMs embargo_ms = 0;
};

// The windows of a run at `now` over bars with these distinct closes, in order. insufficient_data, in words,
// where there are fewer bars or judged rows than the recipe asks for: the caller defers. h is counted as
// horizon_bars + 1 bars, because a label is known at the close of the bar whose open is its exit.
Result<Windows> plan_windows(std::span<const TimeMs> closes, const MarketCalendar& calendar,
                             const recipe::ValidationSettings& validation, std::size_t horizon_bars,
                             std::size_t warm_up_bars, Timeframe base, TimeMs now);

}  // namespace pawl::loop
