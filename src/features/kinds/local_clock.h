// The clock of a zone for instants that mostly come in order: the zone is asked once between two changes of
// it.
#pragma once

#include "base/timezone.h"

namespace pawl::features {

class LocalClock {
 public:
  explicit LocalClock(TimeZone zone) : zone_(std::move(zone)) {}

  // Milliseconds since 1970 on the local clock.
  TimeMs local(TimeMs time) {
    if (time < from_ || time >= to_) {
      from_ = time;
      to_ = zone_.next_change(time);
      offset_ = zone_.offset_at(time);
    }
    return time + offset_;
  }
  const TimeZone& zone() const { return zone_; }

 private:
  TimeZone zone_;
  TimeMs from_ = 0, to_ = 0;  // where `offset_` holds
  DurationMs offset_ = 0;
};

}  // namespace pawl::features
