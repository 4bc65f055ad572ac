// The times and numbers of bar files, in the forms in which people and programs write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/shown.h"
#include "base/time.h"
#include "market/formats/clock.h"

namespace pawl::market::formats {

enum class StampKind {
  civil,     // a date and a time, with or without an offset from UTC
  date,      // a date only
  epoch,     // a number of s, ms, µs or ns since 1970, told apart by magnitude row by row
  ms_of_day  // milliseconds since midnight of `StampForm::date`
};
// In which order day and month stand where the year comes last.
enum class DateOrder { dmy, mdy };

struct StampForm {
  StampKind kind = StampKind::civil;
  DateOrder date_order = DateOrder::dmy;
  std::optional<LocalMs> date;  // midnight of the file's date
};

// A row's time: what it shows and, where it says so itself, the instant.
struct Stamp {
  LocalMs local = 0;
  std::optional<TimeMs> utc;
};

// "2019-07-08 05:50:00", "2019.07.08", "20191024 195500", "01/30/2020 9:30 AM", "2024-01-02T05:00:00Z",
// "2026-03-24 19:29:00+00:00" … Nothing where it is no such time or date, or one outside 1900 to 2200.
struct CivilText {
  LocalMs local = 0;
  std::optional<DurationMs> offset;
  bool has_clock = false;     // more than a date
  bool year_last = false;     // read with the date order
  int first = 0, second = 0;  // day and month as they stand, where the year is last
};
std::optional<CivilText> read_civil(std::string_view text, DateOrder order);
// "05:50", "05:50:00", "195500": milliseconds since midnight.
std::optional<DurationMs> read_clock(std::string_view text);
// A count of s, ms, µs or ns since 1970 as an instant from 1973 to 2200; `unit` is its name.
struct EpochText {
  TimeMs time = 0;
  std::string_view unit;
};
std::optional<EpochText> read_epoch(std::string_view text);

// A decimal number; with `decimal_comma`, 1,1234 is one. Nothing for inf and nan.
std::optional<double> read_number(std::string_view text, bool decimal_comma);
// "", "null", "NaN", "N/A", … : a cell that says that there is nothing.
bool is_null(std::string_view text);

}  // namespace pawl::market::formats
