// The clocks that bar files are written in: a zone of the world, or a server's that runs some hours off one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/timezone.h"

namespace pawl::market::formats {

// A clock on a wall: 1970-01-01T00:00:00 on it is 0, whatever its zone. Two instants may show the same.
using LocalMs = std::int64_t;

class Clock {
 public:
  // "UTC", "America/New_York", "New York+7h" (a MetaTrader server's, at midnight when New York has 17:00),
  // "London-5h", "UTC+2", "UTC-05:00", "+02:00". invalid_argument elsewhere.
  static Result<Clock> parse(std::string_view text);
  Clock(TimeZone zone, DurationMs shift);

  const std::string& name() const { return name_; }  // parse(name()) is the same clock
  LocalMs show(TimeMs time) const { return time + zone_.offset_at(time) + shift_; }
  // Local time at which the zone's day_anchor "ZONE HH:MM" has this clock's midnight.
  std::string day_anchor() const;
  const TimeZone& zone() const { return zone_; }
  DurationMs shift() const { return shift_; }

 private:
  TimeZone zone_;
  DurationMs shift_ = 0;  // ahead of the zone
  std::string name_;
};

// The instants of a clock's readings. Remembers the stretch without a change that the last one fell into, so
// that the zone is seldom asked. One thread at a time.
class ClockReader {
 public:
  explicit ClockReader(Clock clock) : clock_(std::move(clock)) {}
  struct Instants {
    std::optional<TimeMs> first,
        second;  // none where the clock skips the reading; two where it shows it twice
  };
  Instants read(LocalMs local);

 private:
  Clock clock_;
  LocalMs safe_from_ = 0, safe_to_ = 0;  // readings in here have the one offset
  DurationMs offset_ = 0;
};

}  // namespace pawl::market::formats
