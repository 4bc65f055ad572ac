#include "loop/windows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pawl::loop {

namespace {

// A session is a day of the market. The close of a day's last bar is the next one's beginning.
TimeMs session_of(const MarketCalendar& calendar, TimeMs close) {
  return calendar.day(close - 1).from;
}

// The number of newest bars of closes[first, last) that lie in the newest `sessions` sessions.
std::size_t bars_of_newest_sessions(std::span<const TimeMs> closes, std::size_t first, std::size_t last,
                                    std::int64_t sessions, const MarketCalendar& calendar) {
  std::size_t begin = last;
  for (; begin > first; --begin) {
    const bool another =
        begin == last || session_of(calendar, closes[begin - 1]) != session_of(calendar, closes[begin]);
    if (another && sessions-- == 0) break;
  }
  return last - begin;
}

std::int64_t count_sessions(std::span<const TimeMs> closes, const MarketCalendar& calendar) {
  std::int64_t sessions = 0;
  for (std::size_t i = 0; i < closes.size(); ++i) {
    if (i == 0 || session_of(calendar, closes[i]) != session_of(calendar, closes[i - 1])) ++sessions;
  }
  return sessions;
}

}  // namespace

Result<Windows> plan_windows(std::span<const TimeMs> closes, const MarketCalendar& calendar,
                             const recipe::ValidationSettings& validation, std::size_t horizon_bars,
                             std::size_t warm_up_bars, Timeframe base, TimeMs now) {
  const auto count_known_at = [&](TimeMs time) {
    return static_cast<std::size_t>(std::upper_bound(closes.begin(), closes.end(), time) - closes.begin());
  };
  const std::size_t known = count_known_at(now);
  if (known > 0 && validation.max_age_ms > 0 && now - closes[known - 1] > validation.max_age_ms) {
    return fail(ErrorCode::insufficient_data, "no bars since {}", format_time(closes[known - 1]));
  }
  if (known < static_cast<std::size_t>(validation.min_bars)) {
    return fail(ErrorCode::insufficient_data, "{} bars are known and {} are needed", known,
                validation.min_bars);
  }
  Windows windows;
  windows.now = now;
  windows.rows_from =
      validation.window_ms > 0 ? now - validation.window_ms : std::numeric_limits<TimeMs>::min();
  const std::size_t first = validation.window_ms > 0 ? count_known_at(windows.rows_from) : 0;
  const std::size_t in_window = known - first;

  // Early in a line's life J would leave nothing to train on, so it is never more than a share of the bars.
  const auto judged_most =
      static_cast<std::size_t>(std::floor(validation.judged_share_max * static_cast<double>(in_window)));
  const bool by_days = validation.judged_ms > 0 && validation.judged_sessions == 0;
  const std::size_t judged_wanted =
      validation.judged_sessions > 0
          ? bars_of_newest_sessions(closes, first, known, validation.judged_sessions, calendar)
      : by_days ? known - count_known_at(now - validation.judged_ms)
                : judged_most;
  const std::size_t judged = std::min(judged_wanted, judged_most);
  const std::size_t label_bars = horizon_bars + 1;
  if (judged < static_cast<std::size_t>(validation.min_judged_rows) + label_bars) {
    return fail(ErrorCode::insufficient_data, "{} judged rows have their outcome and {} are needed",
                judged > label_bars ? judged - label_bars : 0, validation.min_judged_rows);
  }
  windows.judged_from =
      judged < judged_wanted || !by_days ? closes[known - judged - 1] : now - validation.judged_ms;
  const DurationMs horizon_ms = static_cast<DurationMs>(label_bars) * base.duration_ms();
  windows.embargo_ms = validation.embargo_bars * base.duration_ms();
  windows.fit_cut = windows.judged_from - horizon_ms - windows.embargo_ms;
  windows.refit_cut = now - horizon_ms;

  const std::size_t fit_end = count_known_at(windows.fit_cut);
  if (fit_end <= std::max(first, warm_up_bars) + label_bars) {
    return fail(ErrorCode::insufficient_data,
                "no row before the judged window is past the {} bars that the features need to warm up",
                warm_up_bars);
  }
  if (validation.min_fit_sessions > 0) {
    const std::int64_t sessions =
        count_sessions(closes.subspan(first, fit_end - std::min(first, fit_end)), calendar);
    if (sessions < validation.min_fit_sessions) {
      return fail(ErrorCode::insufficient_data,
                  "{} sessions before the judged ones are known and {} are needed", sessions,
                  validation.min_fit_sessions);
    }
  }
  return windows;
}

}  // namespace pawl::loop
