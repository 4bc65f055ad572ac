// Bodies of /predict as clients write them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/bar_series.h"
#include "domain/timeframe.h"

namespace pawl::http::test {

enum class Form { objects, arrays };
enum class Times { dotted, seconds, milliseconds, rfc };

// The time of an instant as a client shows it; a dotted one has no zone.
inline std::string time_text(TimeMs time, Times times) {
  const CivilTime t = civil_from_time(time);
  switch (times) {
    case Times::dotted:
      return fmt::format("\"{:04}.{:02}.{:02} {:02}:{:02}\"", t.year, t.month, t.day, t.hour, t.minute);
    case Times::seconds:
      return fmt::format("{}", time / 1000);
    case Times::milliseconds:
      return fmt::format("{}", time);
    case Times::rfc:
      return fmt::format("\"{}\"", format_time(time));
  }
  return "";
}

inline std::string candle_text(const Bar& bar, Form form = Form::objects, Times times = Times::dotted) {
  const std::string time = time_text(bar.open_time, times);
  if (form == Form::arrays) {
    return fmt::format("[{},{},{},{},{},{}]", time, bar.open, bar.high, bar.low, bar.close, bar.volume);
  }
  return fmt::format(R"({{"timestamp":{},"open":{},"high":{},"low":{},"close":{},"volume":{}}})", time,
                     bar.open, bar.high, bar.low, bar.close, bar.volume);
}

inline std::string window_text(const BarSeries& bars, Form form = Form::objects,
                               Times times = Times::dotted) {
  std::string text = "[";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (i > 0) text += ",";
    text += candle_text(bars[i], form, times);
  }
  return text + "]";
}

// {"pair":…,"ohlcv_m5":[…],…} with more fields, written as JSON, behind them.
inline std::string body_text(std::string_view pair,
                             const std::vector<std::pair<std::string, std::string>>& windows,
                             std::string_view more = {}) {
  std::string text = fmt::format(R"({{"pair":"{}")", pair);
  for (const auto& [field, window] : windows) text += fmt::format(R"(,"{}":{})", field, window);
  text += more;
  return text + "}";
}

}  // namespace pawl::http::test
