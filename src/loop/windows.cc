#include "loop/windows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pawl::loop {

Result<Windows> plan_windows(const BarSeries& bars, const recipe::ValidationSettings& validation,
                             std::size_t horizon_bars, std::size_t warm_up_bars, Timeframe base, TimeMs now) {
  const std::size_t known = bars.count_known_at(now);
  if (known < static_cast<std::size_t>(validation.min_bars)) {
    return fail(ErrorCode::insufficient_data, "{} bars are known and {} are needed", known,
                validation.min_bars);
  }
  Windows windows;
  windows.now = now;
  windows.rows_from =
      validation.window_ms > 0 ? now - validation.window_ms : std::numeric_limits<TimeMs>::min();
  const std::size_t first = validation.window_ms > 0 ? bars.count_known_at(windows.rows_from) : 0;
  const std::size_t in_window = known - first;

  // Early in a line's life J would leave nothing to train on, so it is never more than a share of the bars.
  const auto judged_most =
      static_cast<std::size_t>(std::floor(validation.judged_share_max * static_cast<double>(in_window)));
  const std::size_t judged_wanted =
      validation.judged_ms > 0 ? known - bars.count_known_at(now - validation.judged_ms) : judged_most;
  const std::size_t judged = std::min(judged_wanted, judged_most);
  const std::size_t label_bars = horizon_bars + 1;
  if (judged < static_cast<std::size_t>(validation.min_judged_rows) + label_bars) {
    return fail(ErrorCode::insufficient_data, "{} judged rows have their outcome and {} are needed",
                judged > label_bars ? judged - label_bars : 0, validation.min_judged_rows);
  }
  windows.judged_from = judged < judged_wanted || validation.judged_ms == 0
                            ? bars.close_time(known - judged - 1)
                            : now - validation.judged_ms;
  const DurationMs horizon_ms = static_cast<DurationMs>(label_bars) * base.duration_ms();
  windows.embargo_ms = validation.embargo_bars * base.duration_ms();
  windows.fit_cut = windows.judged_from - horizon_ms - windows.embargo_ms;
  windows.refit_cut = now - horizon_ms;

  const std::size_t fit_end = bars.count_known_at(windows.fit_cut);
  if (fit_end <= std::max(first, warm_up_bars) + label_bars) {
    return fail(ErrorCode::insufficient_data,
                "no row before the judged window is past the {} bars that the features need to warm up",
                warm_up_bars);
  }
  return windows;
}

}  // namespace pawl::loop
