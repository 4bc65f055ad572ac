#include "domain/calendar.h"

#include <algorithm>
#include <optional>

namespace pawl {

namespace {

constexpr int kNoonMinutes = 12 * 60;

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

// Monday is 0; day 0, 1970-01-01, was a Thursday.
std::int64_t weekday_from_monday(std::int64_t day) {
  return day + 3 - 7 * floor_div(day + 3, 7);
}
std::int64_t week_of(std::int64_t day) {
  return floor_div(day + 3, 7);
}

// "HH:MM" as minutes of the day, or nothing.
std::optional<int> read_clock(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return {};
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return {};
  return hour * 60 + minute;
}

TimeSpan bucket_within(const TimeSpan& day, Timeframe timeframe, TimeMs time) {
  const DurationMs length = timeframe.duration_ms();
  const TimeMs from = day.from + (time - day.from) / length * length;
  return {from, std::min(from + length, day.to)};
}

bool holds(const TimeSpan& span, TimeMs time) {
  return time >= span.from && time < span.to;
}

}  // namespace

MarketCalendar::MarketCalendar(TimeZone zone, int anchor_minutes)
    : zone_(std::move(zone)), utc_(zone_.name() == "UTC"), anchor_minutes_(anchor_minutes) {}

MarketCalendar MarketCalendar::utc_always() {
  return {TimeZone::utc(), 0};
}

Result<MarketCalendar> MarketCalendar::make(std::string_view day_anchor, std::string_view session) {
  const std::size_t space = day_anchor.rfind(' ');
  const std::optional<int> anchor =
      space == std::string_view::npos ? std::nullopt : read_clock(day_anchor.substr(space + 1));
  if (!anchor) {
    return fail(ErrorCode::bad_config,
                "day_anchor \"{}\" is not a zone and a time of day; write it like \"UTC 00:00\" or "
                "\"America/New_York 17:00\"",
                day_anchor);
  }
  Result<TimeZone> zone = TimeZone::find(day_anchor.substr(0, space));
  if (!zone) return within("day_anchor", zone.error());
  MarketCalendar calendar(*std::move(zone), *anchor);
  calendar.session_ = std::string(session);
  if (session == "always") return calendar;
  if (session == "weekdays") {
    calendar.sessions_ = Sessions::weekdays;
    return calendar;
  }
  const bool two_clocks = session.size() == 11 && session[5] == '-';
  const std::optional<int> from = two_clocks ? read_clock(session.substr(0, 5)) : std::nullopt;
  const std::optional<int> to = two_clocks ? read_clock(session.substr(6)) : std::nullopt;
  if (!from || !to || *from >= *to) {
    return fail(
        ErrorCode::bad_config,
        "session \"{}\" is none of \"always\", \"weekdays\" and \"HH:MM-HH:MM\" with the end after the "
        "beginning (\"09:30-16:00\")",
        session);
  }
  calendar.sessions_ = Sessions::hours;
  calendar.session_from_minutes_ = *from;
  calendar.session_to_minutes_ = *to;
  return calendar;
}

std::int64_t MarketCalendar::local_day(TimeMs time) const {
  return floor_div(utc_ ? time : time + zone_.offset_at(time), kDayMs);
}

TimeMs MarketCalendar::day_start(std::int64_t local_day) const {
  const TimeMs wall = local_day * kDayMs + anchor_minutes_ * kMinuteMs;
  return utc_ ? wall : zone_.from_local(civil_from_time(wall));
}

std::int64_t MarketCalendar::market_date(std::int64_t start) const {
  return anchor_minutes_ > kNoonMinutes ? start + 1 : start;
}

TimeSpan MarketCalendar::day(TimeMs time) const {
  if (utc_) {
    const TimeMs from = day_start(floor_div(time - anchor_minutes_ * kMinuteMs, kDayMs));
    return {from, from + kDayMs};
  }
  std::int64_t start = local_day(time);
  TimeSpan span{day_start(start), 0};
  if (time >= span.from) {
    span.to = day_start(start + 1);
    return span;
  }
  span.to = span.from;
  span.from = day_start(--start);
  return span;
}

TimeSpan MarketCalendar::day_of_date(TimeMs date) const {
  const std::int64_t wanted = floor_div(date, kDayMs);
  const std::int64_t start = wanted - (market_date(wanted) - wanted);
  return {day_start(start), day_start(start + 1)};
}

TimeSpan MarketCalendar::week(TimeMs time) const {
  std::int64_t start = local_day(time);
  if (time < day_start(start)) --start;
  const std::int64_t monday = start - weekday_from_monday(market_date(start));
  return {day_start(monday), day_start(monday + 7)};
}

TimeSpan MarketCalendar::bucket(Timeframe timeframe, TimeMs time) const {
  if (timeframe == kW1) return week(time);
  if (timeframe == kD1) return day(time);
  return bucket_within(day(time), timeframe, time);
}

TimeMs MarketCalendar::close_time(Timeframe timeframe, TimeMs open_time) const {
  return bucket(timeframe, open_time).to;
}

std::int64_t MarketCalendar::session_of(TimeMs time) const {
  if (sessions_ == Sessions::always) return 0;
  if (sessions_ == Sessions::weekdays) {
    std::int64_t start = local_day(time);
    if (time < day_start(start)) --start;
    const std::int64_t date = market_date(start);
    return 2 * week_of(date) + (weekday_from_monday(date) < 5 ? 1 : 2);
  }
  const TimeMs wall = time + zone_.offset_at(time);
  const std::int64_t date = floor_div(wall, kDayMs);
  const std::int64_t weekday = weekday_from_monday(date);
  const std::int64_t sessions_before = 5 * week_of(date) + std::min<std::int64_t>(weekday, 5);
  if (weekday >= 5) return 2 * sessions_before;
  const std::int64_t minute = (wall - date * kDayMs) / kMinuteMs;
  if (minute < session_from_minutes_) return 2 * sessions_before;
  return 2 * sessions_before + (minute < session_to_minutes_ ? 1 : 2);
}

bool MarketCalendar::trades_within(TimeMs from, TimeMs to) const {
  if (from >= to) return false;
  if (sessions_ == Sessions::always) return true;
  // Odd numbers are sessions. A span that begins and ends (at its last instant) in the same pause has none;
  // one that crosses into another number meets a session, as two pauses always have one between them.
  const std::int64_t first = session_of(from), last = session_of(to - 1);
  return first != last || first % 2 != 0;
}

std::string MarketCalendar::day_anchor() const {
  return fmt::format("{} {:02}:{:02}", zone_.name(), anchor_minutes_ / 60, anchor_minutes_ % 60);
}

TimeSpan CalendarCursor::bucket(Timeframe timeframe, TimeMs time) {
  if (timeframe == kW1) {
    if (!holds(week_, time)) week_ = calendar_.bucket(kW1, time);
    return week_;
  }
  if (!holds(day_, time)) day_ = calendar_.day(time);
  return timeframe == kD1 ? day_ : bucket_within(day_, timeframe, time);
}

}  // namespace pawl
