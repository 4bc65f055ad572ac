#include "domain/timeframe.h"

#include <array>
#include <charconv>

namespace pawl {

namespace {

struct Named {
  int minutes;
  std::string_view name;
};

constexpr std::array<Named, 12> kNamed = {{{1, "M1"},
                                           {5, "M5"},
                                           {15, "M15"},
                                           {30, "M30"},
                                           {60, "H1"},
                                           {120, "H2"},
                                           {240, "H4"},
                                           {360, "H6"},
                                           {480, "H8"},
                                           {720, "H12"},
                                           {1440, "D1"},
                                           {10080, "W1"}}};

// Minutes of one unit, or 0. A capital M behind the number is a month elsewhere ("1M"), so it is no unit
// here.
int unit_minutes(std::string_view unit, bool in_front) {
  if (unit == "m" || (in_front && unit == "M")) return 1;
  if (!in_front && (unit == "min" || unit == "minute" || unit == "minutes")) return 1;
  if (unit == "h" || unit == "H" || (!in_front && (unit == "hour" || unit == "hours"))) return 60;
  if (unit == "d" || unit == "D" || (!in_front && (unit == "day" || unit == "days"))) return 1440;
  if (unit == "w" || unit == "W" || (!in_front && (unit == "week" || unit == "weeks"))) return 10080;
  return 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Minutes, or 0 where the text has not the form of a timeframe.
std::int64_t read_minutes(std::string_view text) {
  if (text.empty()) return 0;
  const bool in_front = !is_digit(text.front());
  std::string_view digits = text, unit;
  if (in_front) {
    unit = text.substr(0, 1);
    digits = text.substr(1);
  } else {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    digits = text.substr(0, length);
    unit = text.substr(length);
  }
  int count = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, count);
  if (error != std::errc{} || stop != end || count <= 0) return 0;
  return std::int64_t{count} * unit_minutes(unit, in_front);
}

}  // namespace

Result<Timeframe> Timeframe::parse(std::string_view text) {
  const std::int64_t minutes = read_minutes(text);
  for (const Named& named : kNamed) {
    if (named.minutes == minutes) return Timeframe(named.minutes);
  }
  return fail(ErrorCode::invalid_argument,
              "\"{}\" is not a timeframe; use one of M1 M5 M15 M30 H1 H2 H4 H6 H8 H12 D1 W1", text);
}

std::string Timeframe::name() const {
  for (const Named& named : kNamed) {
    if (named.minutes == minutes_) return std::string(named.name);
  }
  return fmt::format("M{}", minutes_);
}

}  // namespace pawl
