#include "market/formats/stamps.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pawl::market::formats {

namespace {

constexpr LocalMs kLocalMin = -25567 * kDayMs;  // 1900-01-01
constexpr LocalMs kLocalMax = 84006 * kDayMs;   // 2200-01-01

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads a text from the left.
struct Cursor {
  std::string_view rest;

  bool skip(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest[0]) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool skip_word(std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  }
  std::size_t digits() const {
    return static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
  }
  // The next `count` digits; the caller has seen that they are there.
  int take(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + (rest[i] - '0');
    rest.remove_prefix(count);
    return value;
  }
  // One or two digits.
  std::optional<int> short_number() {
    const std::size_t count = digits();
    if (count == 0 || count > 2) return std::nullopt;
    return take(count);
  }
};

std::optional<LocalMs> midnight(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  const CivilTime civil{.year = year, .month = month, .day = day};
  const LocalMs time = time_from_civil(civil);
  // A day that the month does not have comes back as one of the next month.
  if (civil_from_time(time).day != day || time < kLocalMin || time >= kLocalMax) return std::nullopt;
  return time;
}

std::optional<LocalMs> take_date(Cursor& cursor, DateOrder order, CivilText& found) {
  const std::size_t digits = cursor.digits();
  if (digits == 8 || digits == 12 || digits == 14) {
    const int year = cursor.take(4), month = cursor.take(2), day = cursor.take(2);
    return midnight(year, month, day);
  }
  if (digits == 4) {
    const int year = cursor.take(4);
    if (cursor.rest.empty() || std::string_view("-./").find(cursor.rest[0]) == std::string_view::npos) {
      return std::nullopt;
    }
    const char separator = cursor.rest[0];
    cursor.rest.remove_prefix(1);
    const auto month = cursor.short_number();
    if (!month || !cursor.skip(std::string_view(&separator, 1))) return std::nullopt;
    const auto day = cursor.short_number();
    return day ? midnight(year, *month, *day) : std::nullopt;
  }
  const auto first = cursor.short_number();
  if (!first || cursor.rest.empty()) return std::nullopt;
  const char separator = cursor.rest[0];
  if (!cursor.skip("-./")) return std::nullopt;
  const auto second = cursor.short_number();
  if (!second || !cursor.skip(std::string_view(&separator, 1)) || cursor.digits() != 4) return std::nullopt;
  found.year_last = true;
  found.first = *first;
  found.second = *second;
  const int year = cursor.take(4);
  return order == DateOrder::dmy ? midnight(year, *second, *first) : midnight(year, *first, *second);
}

std::optional<int> take_milliseconds(Cursor& cursor) {
  const std::size_t count = cursor.digits();
  if (count == 0 || count > 9) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < count ? cursor.rest[i] - '0' : 0);
  cursor.rest.remove_prefix(count);
  return value;
}

std::optional<DurationMs> take_clock(Cursor& cursor) {
  int hour = 0, minute = 0, second = 0, milliseconds = 0;
  const std::size_t digits = cursor.digits();
  if (digits == 4 || digits == 6 || digits == 9) {
    hour = cursor.take(2);
    minute = cursor.take(2);
    if (digits > 4) second = cursor.take(2);
    if (digits > 6) milliseconds = cursor.take(3);
  } else {
    const auto hours = cursor.short_number();
    if (!hours || !cursor.skip(":") || cursor.digits() != 2) return std::nullopt;
    hour = *hours;
    minute = cursor.take(2);
    if (cursor.skip(":")) {
      if (cursor.digits() != 2) return std::nullopt;
      second = cursor.take(2);
    }
    if (cursor.skip(".")) {
      const auto fraction = take_milliseconds(cursor);
      if (!fraction) return std::nullopt;
      milliseconds = *fraction;
    }
    Cursor after = cursor;
    after.skip(" ");
    const bool afternoon = after.skip_word("PM") || after.skip_word("pm");
    if (afternoon || after.skip_word("AM") || after.skip_word("am")) {
      if (hour < 1 || hour > 12) return std::nullopt;
      hour = hour % 12 + (afternoon ? 12 : 0);
      cursor = after;
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return hour * kHourMs + minute * kMinuteMs + second * kSecondMs + milliseconds;
}

// "Z", "+02:00", "-0500", "+00", " UTC".
std::optional<DurationMs> take_offset(Cursor& cursor) {
  cursor.skip(" ");
  if (cursor.skip("Zz") || cursor.skip_word("UTC") || cursor.skip_word("GMT")) {
    if (cursor.rest.empty()) return 0;
  }
  const bool west = cursor.skip("-");
  if (!west && !cursor.skip("+")) return std::nullopt;
  const std::size_t digits = cursor.digits();
  if (digits != 2 && digits != 4) return std::nullopt;
  const int hours = cursor.take(2);
  int minutes = 0;
  if (digits == 4) {
    minutes = cursor.take(2);
  } else if (cursor.skip(":")) {
    if (cursor.digits() != 2) return std::nullopt;
    minutes = cursor.take(2);
  }
  if (hours > 15 || minutes > 59) return std::nullopt;
  const DurationMs offset = hours * kHourMs + minutes * kMinuteMs;
  return west ? -offset : offset;
}

}  // namespace

std::optional<CivilText> read_civil(std::string_view text, DateOrder order) {
  Cursor cursor{text};
  CivilText found;
  const auto date = take_date(cursor, order, found);
  if (!date) return std::nullopt;
  found.local = *date;
  if (cursor.rest.empty()) return found;
  if (!is_digit(cursor.rest[0])) {
    if (!cursor.skip("Tt ,_")) return std::nullopt;
    cursor.skip(" ");
  }
  const auto clock = take_clock(cursor);
  if (!clock) return std::nullopt;
  found.local += *clock;
  found.has_clock = true;
  if (cursor.rest.empty()) return found;
  found.offset = take_offset(cursor);
  if (!found.offset || !cursor.rest.empty()) return std::nullopt;
  return found;
}

std::optional<DurationMs> read_clock(std::string_view text) {
  Cursor cursor{text};
  const auto clock = take_clock(cursor);
  return clock && cursor.rest.empty() ? clock : std::nullopt;
}

std::optional<EpochText> read_epoch(std::string_view text) {
  // "1735689600.0", "1735689600.123": the fraction of a second counts, that of finer units does not.
  const std::size_t whole_digits = Cursor{text}.digits();
  if (whole_digits < 8 || whole_digits > 19) return std::nullopt;
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + whole_digits, value).ec != std::errc{}) return std::nullopt;
  std::int64_t fraction_ms = 0;
  if (text.size() > whole_digits) {
    Cursor cursor{text.substr(whole_digits)};
    if (!cursor.skip(".")) return std::nullopt;
    const auto fraction = take_milliseconds(cursor);
    if (!fraction || !cursor.rest.empty()) return std::nullopt;
    fraction_ms = *fraction;
  }
  struct Unit {
    std::string_view name;
    std::int64_t per_second;
  };
  constexpr std::array<Unit, 4> kUnits = {{{"s", 1}, {"ms", 1000}, {"µs", 1'000'000}, {"ns", 1'000'000'000}}};
  constexpr std::int64_t kFrom = 100'000'000, kTo = 7'258'118'400;  // seconds of 1973-03-03 and 2200-01-01
  for (const Unit& unit : kUnits) {
    const std::int64_t seconds = value / unit.per_second;
    if (seconds < kFrom || seconds >= kTo) continue;
    if (unit.per_second == 1) return EpochText{value * 1000 + fraction_ms, unit.name};
    return EpochText{value / (unit.per_second / 1000), unit.name};
  }
  return std::nullopt;
}

std::optional<double> read_number(std::string_view text, bool decimal_comma) {
  std::array<char, 64> swapped{};
  if (text.starts_with('+') || text.starts_with('$')) text.remove_prefix(1);
  if (decimal_comma && text.find(',') != std::string_view::npos) {
    if (text.size() > swapped.size()) return std::nullopt;
    text.copy(swapped.data(), text.size());
    std::replace(swapped.begin(), swapped.end(), ',', '.');
    text = std::string_view(swapped.data(), text.size());
  }
  if (text.empty() || (!is_digit(text[0]) && text[0] != '-' && text[0] != '.')) return std::nullopt;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_null(std::string_view text) {
  constexpr std::array<std::string_view, 12> kWords = {"",    "null", "NULL", "nan", "NaN", "None",
                                                       "N/A", "n/a",  "NA",   "-",   ".",   "#N/A"};
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

}  // namespace pawl::market::formats
