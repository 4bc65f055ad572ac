// What the times of a file's bars say about its clock: when weeks begin and end, when days do, and when most
// is traded. Rows are in time order here.
#pragma once

#include <span>

#include "market/formats/scan.h"

namespace pawl::market::formats {

// The spacing of most rows, and whether it is that of the bars beyond doubt: one of the known timeframes, of
// which 19 in 20 steps are multiples. `why` describes what there is.
struct SpacingEvidence {
  std::optional<Timeframe> timeframe;
  std::string why;
};
SpacingEvidence find_spacing(std::span<const ScannedRow> rows);

// The clocks on which a file's weekends are those of the currency market, which closes on Friday and opens on
// Sunday at 17:00 in New York. Clocks that say the same of every row are one, under its best-known name.
struct WeekEvidence {
  std::vector<Clock> clocks;      // all that fit; one: that is it
  std::optional<TimeIs> time_is;  // where only one of the two fits
  std::size_t weekends = 0;       // that the file spans
  std::size_t exact = 0;          // of their two edges each, those that fit
  std::string difference;         // of two clocks: the first row that they disagree on
};
// `time_is` as far as it is known. Rows that say their offset from UTC themselves have one candidate: UTC.
WeekEvidence find_week(std::span<const ScannedRow> rows, Timeframe timeframe, std::optional<TimeIs> time_is);

// How the days of a file look on its own clock.
struct DayEvidence {
  bool new_york_session = false;  // 09:30 to 16:00, or 04:00 to 20:00 with most traded at 09:30 and 15:30
  std::optional<TimeIs> time_is;  // which of the two stamps fits that session's edges
  bool around_the_clock = false;  // bars on Saturdays and Sundays too
  std::string text;               // "days begin at 09:30 and end at 15:55; the busiest half hours are …"
};
DayEvidence find_days(std::span<const ScannedRow> rows, Timeframe timeframe);

// True where two clocks say the same of every row without an offset; `first_line` is that of the first that
// they differ on.
bool same_readings(std::span<const ScannedRow> rows, const Clock& one, const Clock& other,
                   std::int64_t& first_line);

}  // namespace pawl::market::formats
