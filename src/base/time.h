// Time is int64 milliseconds since 1970-01-01T00:00:00Z inside the house and RFC 3339 with Z outside it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

using TimeMs = std::int64_t;      // an instant, UTC
using DurationMs = std::int64_t;  // a length of time

inline constexpr DurationMs kSecondMs = 1000;
inline constexpr DurationMs kMinuteMs = 60 * kSecondMs;
inline constexpr DurationMs kHourMs = 60 * kMinuteMs;
inline constexpr DurationMs kDayMs = 24 * kHourMs;

// "2023-03-24T12:00:00Z"; milliseconds are written only where they are not zero ("…:00.250Z").
std::string format_time(TimeMs time);

// Reads RFC 3339 ("2023-03-24T12:00:00Z", "…+02:00", a space for the T, fractional seconds to the
// millisecond, of which further digits are dropped) or a bare date (midnight UTC). Anything else, and dates
// that do not exist, are bad_data.
Result<TimeMs> parse_time(std::string_view text);

// "90d", "12h", "30min", "45s", "250ms": a whole or decimal number and its unit.
Result<DurationMs> parse_duration(std::string_view text);
// The same the other way: in the largest unit of which it is a whole number ("90min", not "1.5h").
std::string format_duration(DurationMs duration);

struct CivilTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0;
  int weekday = 4;  // 0 is Sunday
};
// The proleptic Gregorian date and time of an instant, in UTC, and back.
CivilTime civil_from_time(TimeMs time);
TimeMs time_from_civil(const CivilTime& civil);  // reads year … millisecond; weekday is not looked at

}  // namespace pawl
