#include "base/timezone.h"

#include <date/tz.h>

#include <chrono>
#include <limits>

namespace pawl {
namespace {

const date::time_zone& as_zone(const void* zone) {
  return *static_cast<const date::time_zone*>(zone);
}

date::sys_seconds sys_seconds_of(TimeMs time) {
  return std::chrono::floor<std::chrono::seconds>(
      date::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time)));
}

DurationMs milliseconds_of(std::chrono::seconds seconds) {
  return seconds.count() * kSecondMs;
}

}  // namespace

TimeZone TimeZone::utc() {
  return TimeZone("UTC", nullptr);
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name == "UTC") return utc();
  try {
    const date::time_zone* zone = date::locate_zone(std::string(name));
    // The library reads a zone's file on first use: here, so that no later call can fail.
    zone->get_info(date::sys_seconds{});
    return TimeZone(std::string(name), zone);
  } catch (const std::exception& error) {
    return fail(ErrorCode::bad_config,
                "\"{}\" is no known time zone ({}); write one like UTC, America/New_York, Europe/London or "
                "Asia/Tokyo, and see that the system's tzdata is installed",
                name, error.what());
  }
}

DurationMs TimeZone::offset_at(TimeMs time) const {
  if (zone_ == nullptr) return 0;
  return milliseconds_of(as_zone(zone_).get_info(sys_seconds_of(time)).offset);
}

TimeMs TimeZone::next_change(TimeMs time) const {
  constexpr TimeMs kNever = std::numeric_limits<TimeMs>::max();
  if (zone_ == nullptr) return kNever;
  const date::sys_seconds horizon = date::sys_days(date::year(9999) / 12 / 31);
  date::sys_info info = as_zone(zone_).get_info(sys_seconds_of(time));
  const std::chrono::seconds offset = info.offset;
  // Some transitions rename the zone and leave the offset as it is.
  while (info.offset == offset) {
    if (info.end >= horizon) return kNever;
    info = as_zone(zone_).get_info(info.end);
  }
  return milliseconds_of(info.begin.time_since_epoch());
}

CivilTime TimeZone::to_local(TimeMs time) const {
  return civil_from_time(time + offset_at(time));
}

TimeMs TimeZone::from_local(const CivilTime& local) const {
  const TimeMs shown = time_from_civil(local);
  if (zone_ == nullptr) return shown;
  const date::local_seconds seconds(sys_seconds_of(shown).time_since_epoch());
  const date::local_info info = as_zone(zone_).get_info(seconds);
  if (info.result == date::local_info::nonexistent) {
    return milliseconds_of(info.second.begin.time_since_epoch());
  }
  return shown - milliseconds_of(info.first.offset);
}

}  // namespace pawl
