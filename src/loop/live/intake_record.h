// A line of an intake file: what was answered, and the candles that came with it for the first time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "domain/bar.h"
#include "domain/timeframe.h"
#include "serving/windows.h"

namespace pawl::loop {

// The closed candles of a window, by what is needed to find them again in a stored series.
struct WindowSpan {
  Timeframe timeframe = kM5;
  TimeMs from = 0, to = 0;  // open of the first, close of the last
  std::int64_t bars = 0;
};

// Places of candles within a window, by window, in the order of PostedWindows::windows().
using NewCandles = std::vector<std::vector<std::size_t>>;

// Length, checksum and compact JSON, ended by a newline. `at` is the time of the answer.
std::string intake_record(const serving::PostedWindows& posted, const serving::WindowPrediction& made,
                          std::string_view content_hash, const NewCandles& fresh, TimeMs at);

struct IntakeRecord {
  std::string line, symbol;
  // The close of the newest candle, or the answer where a client's clock is ahead of ours.
  TimeMs known_at = 0;
  Json payload;  // of the event: all but the candles
  std::vector<std::pair<Timeframe, std::vector<Bar>>> candles;
};

// The JSON of the next record in `bytes` from `position` on, which moves behind it. Nothing where no whole
// one stands there.
std::optional<std::string_view> next_record(std::string_view bytes, std::size_t& position);
// corrupt where it is not what intake_record() writes.
Result<IntakeRecord> parse_record(std::string_view json);

// The spans that stand in a payload.
Result<std::vector<WindowSpan>> spans_of(const Json& payload);

}  // namespace pawl::loop
