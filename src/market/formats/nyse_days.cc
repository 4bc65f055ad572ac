#include "market/formats/nyse_days.h"

#include <array>

namespace pawl::market::formats {

namespace {

struct Closing {
  int year, month, day;
  std::string_view name;
};
constexpr std::array<Closing, 10> kSpecial = {{{2001, 9, 11, "September 11"},
                                               {2001, 9, 12, "September 11"},
                                               {2001, 9, 13, "September 11"},
                                               {2001, 9, 14, "September 11"},
                                               {2004, 6, 11, "mourning for Ronald Reagan"},
                                               {2007, 1, 2, "mourning for Gerald Ford"},
                                               {2012, 10, 29, "Hurricane Sandy"},
                                               {2012, 10, 30, "Hurricane Sandy"},
                                               {2018, 12, 5, "mourning for George H. W. Bush"},
                                               {2025, 1, 9, "mourning for Jimmy Carter"}}};

// Western Easter by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
TimeMs easter(int year) {
  const int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25;
  const int g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
  const int month = (h + l - 7 * m + 114) / 31, day = (h + l - 7 * m + 114) % 31 + 1;
  return time_from_civil({.year = year, .month = month, .day = day});
}

// The holiday of a fixed date is kept on this one: itself, the Friday before, or the Monday after.
bool keeps(const CivilTime& date, int month, int day) {
  const TimeMs today = time_from_civil({.year = date.year, .month = date.month, .day = date.day});
  const TimeMs holiday = time_from_civil({.year = date.year, .month = month, .day = day});
  const int weekday = civil_from_time(holiday).weekday;
  const TimeMs kept = weekday == 6 ? holiday - kDayMs : weekday == 0 ? holiday + kDayMs : holiday;
  return today == kept;
}

// The nth of a weekday in its month, counted from 1.
bool is_nth(const CivilTime& date, int month, int weekday, int nth) {
  return date.month == month && date.weekday == weekday && (date.day - 1) / 7 + 1 == nth;
}

}  // namespace

std::string_view nyse_holiday(TimeMs day) {
  const CivilTime date = civil_from_time(day);
  if (date.year < 1998 || date.weekday == 0 || date.weekday == 6) return "";
  for (const Closing& closing : kSpecial) {
    if (closing.year == date.year && closing.month == date.month && closing.day == date.day)
      return closing.name;
  }
  // A New Year's Day on a Saturday is not kept: the Friday is the old year's.
  if (date.month == 1 && keeps(date, 1, 1)) return "New Year's Day";
  if (is_nth(date, 1, 1, 3)) return "Martin Luther King Day";
  if (is_nth(date, 2, 1, 3)) return "Washington's Birthday";
  const TimeMs today = time_from_civil({.year = date.year, .month = date.month, .day = date.day});
  if (today == easter(date.year) - 2 * kDayMs) return "Good Friday";
  if (date.month == 5 && date.weekday == 1 && date.day > 24) return "Memorial Day";
  if (date.year >= 2022 && keeps(date, 6, 19)) return "Juneteenth";
  if (keeps(date, 7, 4)) return "Independence Day";
  if (is_nth(date, 9, 1, 1)) return "Labor Day";
  if (is_nth(date, 11, 4, 4)) return "Thanksgiving";
  if (keeps(date, 12, 25)) return "Christmas";
  return "";
}

}  // namespace pawl::market::formats
