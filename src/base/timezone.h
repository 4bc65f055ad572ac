// Named time zones (IANA), the one place that includes the tz library. Needs the system's tzdata.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace pawl {

// A zone by name ("UTC", "America/New_York"). Cheap to copy; every call is safe from any thread.
class TimeZone {
 public:
  static TimeZone utc();
  // bad_config where the name is unknown; the message names a few that exist.
  static Result<TimeZone> find(std::string_view name);

  const std::string& name() const { return name_; }
  // The local clock at an instant.
  CivilTime to_local(TimeMs time) const;
  // The instant at which the local clock shows this. A time skipped in spring is taken as the first
  // instant after the gap, a doubled one in autumn as the earlier of the two.
  TimeMs from_local(const CivilTime& local) const;
  // Offset from UTC at an instant; and the next instant at which it changes (max int64 where it never does).
  DurationMs offset_at(TimeMs time) const;
  TimeMs next_change(TimeMs time) const;

 private:
  TimeZone(std::string name, const void* zone) : name_(std::move(name)), zone_(zone) {}
  std::string name_;
  const void* zone_;  // a date::time_zone of the process-wide, never freed database; null is UTC
};

}  // namespace pawl
