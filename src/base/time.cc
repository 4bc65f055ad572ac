#include "base/time.h"

#include <array>
#include <charconv>
#include <optional>

namespace pawl {
namespace {

// Years are counted from March, so that the leap day is the last day of its year, and grouped in the
// calendar's 400-year cycle of 146097 days, within which every cycle is alike.
constexpr std::int64_t kDaysPerCycle = 146097;
constexpr std::int64_t kEpochFromYearZeroMarch = 719468;  // days from 0000-03-01 to 1970-01-01

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  return a % b + (a % b < 0 ? b : 0);
}

std::int64_t days_from_date(std::int64_t year, int month, int day) {
  const std::int64_t shifted = month > 2 ? year : year - 1;
  const std::int64_t cycle = floor_div(shifted, 400);
  const std::int64_t year_of_cycle = floor_mod(shifted, 400);
  const std::int64_t months_since_march = (month + 9) % 12;
  const std::int64_t day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
  const std::int64_t day_of_cycle =
      year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
  return cycle * kDaysPerCycle + day_of_cycle - kEpochFromYearZeroMarch;
}

void set_date(std::int64_t days, CivilTime& civil) {
  const std::int64_t shifted = days + kEpochFromYearZeroMarch;
  const std::int64_t cycle = floor_div(shifted, kDaysPerCycle);
  const std::int64_t day_of_cycle = floor_mod(shifted, kDaysPerCycle);
  const std::int64_t year_of_cycle =
      (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
  const std::int64_t months_since_march = (5 * day_of_year + 2) / 153;
  civil.day = static_cast<int>(day_of_year - (153 * months_since_march + 2) / 5 + 1);
  civil.month = static_cast<int>(months_since_march < 10 ? months_since_march + 3 : months_since_march - 9);
  civil.year = static_cast<int>(year_of_cycle + cycle * 400 + (civil.month <= 2 ? 1 : 0));
  civil.weekday = static_cast<int>(floor_mod(days + 4, 7));
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Reads a text from the left; each step either fits exactly or ends the reading.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  bool starts_with_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }

  bool skip_any_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `digits` digits that make a number in [low, high].
  std::optional<int> number(std::size_t digits, int low, int high) {
    if (rest_.size() < digits || !starts_with_digit()) return std::nullopt;
    int value = 0;
    const char* end = rest_.data() + digits;
    const auto [stop, error] = std::from_chars(rest_.data(), end, value);
    if (error != std::errc{} || stop != end || value < low || value > high) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  std::string_view digits() {
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') ++count;
    const std::string_view found = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return found;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::optional<int> read_milliseconds(Cursor& cursor) {
  const std::string_view digits = cursor.digits();
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return value;
}

// "Z" or "+02:00", in milliseconds east of UTC.
std::optional<DurationMs> read_offset(Cursor& cursor) {
  if (cursor.skip_any_of("Zz")) return 0;
  const bool west = cursor.skip_any_of("-");
  if (!west && !cursor.skip_any_of("+")) return std::nullopt;
  const auto hours = cursor.number(2, 0, 23);
  if (!hours || !cursor.skip_any_of(":")) return std::nullopt;
  const auto minutes = cursor.number(2, 0, 59);
  if (!minutes) return std::nullopt;
  const DurationMs offset = *hours * kHourMs + *minutes * kMinuteMs;
  return west ? -offset : offset;
}

std::optional<TimeMs> read_time(Cursor cursor) {
  CivilTime civil;
  const auto year = cursor.number(4, 0, 9999);
  if (!year || !cursor.skip_any_of("-")) return std::nullopt;
  const auto month = cursor.number(2, 1, 12);
  if (!month || !cursor.skip_any_of("-")) return std::nullopt;
  const auto day = cursor.number(2, 1, days_in_month(*year, *month));
  if (!day) return std::nullopt;
  civil.year = *year;
  civil.month = *month;
  civil.day = *day;
  if (cursor.at_end()) return time_from_civil(civil);

  if (!cursor.skip_any_of("Tt ")) return std::nullopt;
  const auto hour = cursor.number(2, 0, 23);
  if (!hour || !cursor.skip_any_of(":")) return std::nullopt;
  const auto minute = cursor.number(2, 0, 59);
  if (!minute || !cursor.skip_any_of(":")) return std::nullopt;
  const auto second = cursor.number(2, 0, 59);
  if (!second) return std::nullopt;
  civil.hour = *hour;
  civil.minute = *minute;
  civil.second = *second;
  if (cursor.skip_any_of(".")) {
    const auto milliseconds = read_milliseconds(cursor);
    if (!milliseconds) return std::nullopt;
    civil.millisecond = *milliseconds;
  }
  const auto offset = read_offset(cursor);
  if (!offset || !cursor.at_end()) return std::nullopt;
  return time_from_civil(civil) - *offset;
}

struct DurationUnit {
  std::string_view name;
  DurationMs length;
};
constexpr std::array<DurationUnit, 5> kDurationUnits = {
    {{"d", kDayMs}, {"h", kHourMs}, {"min", kMinuteMs}, {"s", kSecondMs}, {"ms", 1}}};

// whole.fraction × unit in integers, so that no rounding can creep in; nothing where it is finer than a
// millisecond or too long.
std::optional<DurationMs> exact_duration(std::string_view whole, std::string_view fraction, DurationMs unit) {
  DurationMs total = 0;
  if (std::from_chars(whole.data(), whole.data() + whole.size(), total).ec != std::errc{})
    return std::nullopt;
  if (__builtin_mul_overflow(total, unit, &total)) return std::nullopt;
  DurationMs rest = unit;
  for (const char digit : fraction) {
    if (digit == '0' && rest % 10 != 0) continue;
    if (rest % 10 != 0) return std::nullopt;
    rest /= 10;
    if (__builtin_add_overflow(total, rest * (digit - '0'), &total)) return std::nullopt;
  }
  return total;
}

}  // namespace

CivilTime civil_from_time(TimeMs time) {
  CivilTime civil;
  set_date(floor_div(time, kDayMs), civil);
  std::int64_t of_day = floor_mod(time, kDayMs);
  civil.hour = static_cast<int>(of_day / kHourMs);
  of_day %= kHourMs;
  civil.minute = static_cast<int>(of_day / kMinuteMs);
  of_day %= kMinuteMs;
  civil.second = static_cast<int>(of_day / kSecondMs);
  civil.millisecond = static_cast<int>(of_day % kSecondMs);
  return civil;
}

TimeMs time_from_civil(const CivilTime& civil) {
  return days_from_date(civil.year, civil.month, civil.day) * kDayMs + civil.hour * kHourMs +
         civil.minute * kMinuteMs + civil.second * kSecondMs + civil.millisecond;
}

std::string format_time(TimeMs time) {
  const CivilTime c = civil_from_time(time);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
  if (c.millisecond != 0) text += fmt::format(".{:03}", c.millisecond);
  return text + "Z";
}

Result<TimeMs> parse_time(std::string_view text) {
  if (const auto time = read_time(Cursor(text))) return *time;
  return fail(
      ErrorCode::bad_data,
      "\"{}\" is no time; write it like 2023-03-24T12:00:00Z, 2023-03-24T14:00:00+02:00 or 2023-03-24", text);
}

Result<DurationMs> parse_duration(std::string_view text) {
  Cursor cursor(text);
  const std::string_view whole = cursor.digits();
  std::string_view fraction;
  bool well_formed = !whole.empty();
  if (cursor.skip_any_of(".")) {
    fraction = cursor.digits();
    well_formed = well_formed && !fraction.empty();
  }
  for (const DurationUnit& unit : kDurationUnits) {
    if (!well_formed || cursor.rest() != unit.name) continue;
    if (const auto duration = exact_duration(whole, fraction, unit.length)) return *duration;
    return fail(ErrorCode::bad_data, "\"{}\" is too long, or finer than a millisecond", text);
  }
  return fail(ErrorCode::bad_data,
              "\"{}\" is no length of time; write a number and d, h, min, s or ms, like 90d or 1.5h", text);
}

std::string format_duration(DurationMs duration) {
  if (duration == 0) return "0s";
  for (const DurationUnit& unit : kDurationUnits) {
    if (duration % unit.length == 0) return fmt::format("{}{}", duration / unit.length, unit.name);
  }
  return fmt::format("{}ms", duration);
}

}  // namespace pawl
