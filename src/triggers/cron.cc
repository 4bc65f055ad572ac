#include "triggers/cron.h"

#include <cassert>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

namespace pawl::triggers {
namespace {

namespace chrono = std::chrono;

constexpr int kDaysOfCycle = 146097;  // the Gregorian calendar, weekdays included, repeats after 400 years

struct Field {
  std::string_view name;
  int min, max;
  std::span<const std::string_view> names;  // of min, min + 1, …
};

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

constexpr std::array<Field, 5> kFields = {{{"minute", 0, 59, {}},
                                           {"hour", 0, 23, {}},
                                           {"day of month", 1, 31, {}},
                                           {"month", 1, 12, kMonths},
                                           {"day of week", 0, 7, kWeekdays}}};
constexpr std::size_t kWeekdayField = 4;

constexpr std::uint64_t bit(unsigned value) {
  return std::uint64_t{1} << value;
}
constexpr bool has(std::uint64_t set, unsigned value) {
  return (set & bit(value)) != 0;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  while (true) {
    const std::size_t to = text.find_first_of(separators, from);
    parts.push_back(text.substr(from, to == std::string_view::npos ? to : to - from));
    if (to == std::string_view::npos) return parts;
    from = to + 1;
  }
}

bool same_name(std::string_view text, std::string_view name) {
  if (text.size() != name.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char upper = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    if (upper != name[i]) return false;
  }
  return true;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Result<int> parse_value(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (same_name(text, field.names[i])) return field.min + static_cast<int>(i);
  }
  const auto value = whole_number(text);
  if (!value || *value < field.min || *value > field.max) {
    return fail(ErrorCode::bad_config, "cron: {} '{}' is not a number from {} to {}{}", field.name, text,
                field.min, field.max,
                field.names.empty()
                    ? ""
                    : fmt::format(" or a name from {} to {}", field.names.front(), field.names.back()));
  }
  return *value;
}

// One part of a list: `*`, `a`, `a-b`, each range with `/n` or without.
Result<std::uint64_t> parse_part(const Field& field, std::string_view part) {
  int step = 1;
  const std::size_t slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  const std::size_t dash = range.find('-');
  const bool single = range != "*" && dash == std::string_view::npos;
  if (slash != std::string_view::npos) {
    const auto given = whole_number(part.substr(slash + 1));
    if (!given || *given == 0) {
      return fail(ErrorCode::bad_config, "cron: {} '{}': the step after / is not a number from 1 on",
                  field.name, part);
    }
    if (single) {
      return fail(ErrorCode::bad_config, "cron: {} '{}': a step needs * or a range before it, as in {}-{}/{}",
                  field.name, part, range, field.max, *given);
    }
    step = *given;
  }
  int from = field.min, to = field.max;
  if (range != "*") {
    const auto first = parse_value(field, range.substr(0, dash));
    if (!first) return propagate(first);
    from = to = *first;
  }
  if (!single && range != "*") {
    const auto last = parse_value(field, range.substr(dash + 1));
    if (!last) return propagate(last);
    to = *last;
    // SAT-SUN: a week may end on Sunday as it may begin with it.
    const bool sunday_last = &field == &kFields[kWeekdayField] && to == 0 && from > 0;
    if (sunday_last) to = 7;
    if (to < from) {
      return fail(ErrorCode::bad_config, "cron: {} '{}': the range ends before it begins", field.name, part);
    }
  }
  std::uint64_t set = 0;
  for (int value = from; value <= to; value += step) set |= bit(static_cast<unsigned>(value));
  return set;
}

Result<std::uint64_t> parse_field(const Field& field, std::string_view text) {
  std::uint64_t set = 0;
  for (const std::string_view part : split(text, ",")) {
    const auto parsed = parse_part(field, part);
    if (!parsed) return propagate(parsed);
    set |= *parsed;
  }
  if (&field == &kFields[kWeekdayField] && has(set, 7)) set = (set | bit(0)) & ~bit(7);
  return set;
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view expression, std::string_view zone) {
  auto found = TimeZone::find(zone);
  if (!found) return propagate(found);
  CronSchedule schedule(std::move(*found));

  std::vector<std::string_view> texts;
  for (const std::string_view word : split(expression, " \t")) {
    if (!word.empty()) texts.push_back(word);
  }
  if (texts.size() != kFields.size()) {
    return fail(ErrorCode::bad_config,
                "cron '{}': {} fields, there must be 5: minute hour day-of-month month day-of-week",
                expression, texts.size());
  }
  std::array<std::uint64_t, kFields.size()> sets = {};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto set = parse_field(kFields[i], texts[i]);
    if (!set) return propagate(set);
    sets[i] = *set;
  }
  schedule.expression_ = fmt::format("{}", fmt::join(texts, " "));
  schedule.minutes_ = sets[0];
  schedule.hours_ = sets[1];
  schedule.days_ = sets[2];
  schedule.months_ = sets[3];
  schedule.weekdays_ = sets[4];
  schedule.either_day_fits_ = !texts[2].starts_with('*') && !texts[4].starts_with('*');
  if (!schedule.ever_fits()) {
    return fail(ErrorCode::bad_config, "cron '{}' never fires: no month of it has such a day", expression);
  }
  return schedule;
}

bool CronSchedule::fits(chrono::year_month_day date) const {
  if (!has(months_, static_cast<unsigned>(date.month()))) return false;
  const bool day = has(days_, static_cast<unsigned>(date.day()));
  const bool weekday = has(weekdays_, chrono::weekday(chrono::sys_days(date)).c_encoding());
  return either_day_fits_ ? day || weekday : day && weekday;
}

bool CronSchedule::ever_fits() const {
  const chrono::sys_days first = chrono::year(2000) / 1 / 1;
  for (int i = 0; i < kDaysOfCycle; ++i) {
    if (fits(chrono::year_month_day(first + chrono::days(i)))) return true;
  }
  return false;
}

TimeMs CronSchedule::next_after(TimeMs time) const {
  // from_local() never goes back when the local time goes on, so the first fitting local time whose instant
  // lies after `time` is the answer. In the second pass of a doubled hour, and at a gap, some of those tried
  // first map to instants that are past.
  const CivilTime local = zone_.to_local(time);
  chrono::sys_days day = chrono::sys_days(chrono::year(local.year) / local.month / local.day);
  unsigned hour_from = static_cast<unsigned>(local.hour);
  unsigned minute_from = static_cast<unsigned>(local.minute);
  for (int days = 0; days <= kDaysOfCycle; ++days, day += chrono::days(1), hour_from = minute_from = 0) {
    const chrono::year_month_day date(day);
    if (!fits(date)) continue;
    for (unsigned hour = hour_from; hour < 24; ++hour, minute_from = 0) {
      if (!has(hours_, hour)) continue;
      for (unsigned minute = minute_from; minute < 60; ++minute) {
        if (!has(minutes_, minute)) continue;
        const TimeMs due = zone_.from_local({.year = static_cast<int>(date.year()),
                                             .month = static_cast<int>(static_cast<unsigned>(date.month())),
                                             .day = static_cast<int>(static_cast<unsigned>(date.day())),
                                             .hour = static_cast<int>(hour),
                                             .minute = static_cast<int>(minute)});
        if (due > time) return due;
      }
    }
  }
  assert(false && "parse() let a schedule through that never fires");
  return time;
}

}  // namespace pawl::triggers
