#include "http/predict_stamp.h"

#include <array>
#include <cmath>
#include <cstring>

namespace pawl::http {

namespace {

constexpr TimeMs kYear2100 = 4'102'444'800'000;
constexpr double kFirstMilliseconds = 1e11;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Two digits at `at`, or −1. Stops at the first that is none, so that it never reads past a closing quote.
int two_digits(const char* at) {
  if (!is_digit(at[0]) || !is_digit(at[1])) return -1;
  return (at[0] - '0') * 10 + (at[1] - '0');
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

bool read_digits(const char* text, Stamp& stamp) {
  double number = 0;
  int digits = 0;
  for (; is_digit(text[digits]); ++digits) {
    if (digits == 15) return false;
    number = number * 10 + (text[digits] - '0');
  }
  return digits > 0 && text[digits] == '"' && StampReader::of_number(number, stamp);
}

}  // namespace

bool StampReader::of_number(double number, Stamp& stamp) {
  const double ms = number < kFirstMilliseconds ? number * 1000 : number;
  if (!(ms >= 0) || ms >= static_cast<double>(kYear2100) || ms != std::floor(ms)) return false;
  stamp = {static_cast<TimeMs>(ms), StampKind::clock};
  return true;
}

// "YYYY.MM.DD" with . - or / twice.
bool StampReader::read_day(const char* text) {
  const int century = two_digits(text);
  const int years = century < 0 ? -1 : two_digits(text + 2);
  if (years < 0) return false;
  const char separator = text[4];
  if (separator != '.' && separator != '-' && separator != '/') return false;
  const int month = two_digits(text + 5);
  if (month < 1 || month > 12 || text[7] != separator) return false;
  const int day = two_digits(text + 8);
  const int year = century * 100 + years;
  if (year < 1970 || year > 2099 || day < 1 || day > days_in_month(year, month)) return false;
  day_ = time_from_civil({.year = year, .month = month, .day = day});
  std::memcpy(day_text_, text, sizeof day_text_);
  return true;
}

bool StampReader::read(const char* text, Stamp& stamp) {
  // Compared as a C string: a shorter text ends the comparison at its quote.
  if (std::strncmp(text, day_text_, sizeof day_text_) != 0 && !read_day(text)) {
    return read_digits(text, stamp);
  }
  const char* at = text + sizeof day_text_;
  if (*at == '"') {
    stamp = {day_, StampKind::date};
    return true;
  }
  if (*at != ' ' && *at != 'T' && *at != 't') return false;
  const int hour = two_digits(at + 1);
  if (hour < 0 || hour > 23 || at[3] != ':') return false;
  const int minute = two_digits(at + 4);
  if (minute < 0 || minute > 59) return false;
  at += 6;
  int second = 0, millisecond = 0;
  if (*at == ':') {
    second = two_digits(at + 1);
    if (second < 0 || second > 59) return false;
    at += 3;
    if (*at == '.') {
      ++at;
      int scale = 100;
      if (!is_digit(*at)) return false;
      for (; is_digit(*at); ++at, scale /= 10) millisecond += scale * (*at - '0');
    }
  }
  stamp.local = day_ + hour * kHourMs + minute * kMinuteMs + second * kSecondMs + millisecond;
  stamp.kind = StampKind::clock;
  if (*at == '"') return true;
  stamp.kind = StampKind::zoned;
  if (*at == 'Z' || *at == 'z') return at[1] == '"';
  if (*at != '+' && *at != '-') return false;
  const int sign = *at == '+' ? 1 : -1;
  const int hours = two_digits(at + 1);
  if (hours < 0 || hours > 14) return false;
  at += at[3] == ':' ? 4 : 3;
  const int minutes = two_digits(at);
  if (minutes < 0 || minutes > 59 || at[2] != '"') return false;
  stamp.local -= sign * (hours * kHourMs + minutes * kMinuteMs);
  return true;
}

}  // namespace pawl::http
