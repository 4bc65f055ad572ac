// How far the market's day and session have come, and the time of day in the market's zone. Of the bar's
// open.
#include <algorithm>

#include "features/kinds/exact_math.h"
#include "features/kinds/kinds.h"
#include "features/kinds/local_clock.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

double part_of(TimeSpan span, TimeMs time) {
  return static_cast<double>(time - span.from) / static_cast<double>(span.to - span.from);
}

// What is kept from bar to bar follows from the calendar: there is nothing to save.
class DayClock : public Stateless {
 public:
  explicit DayClock(MarketCalendar calendar) : calendar_(std::move(calendar)) {}
  TimeSpan day(TimeMs time) {
    if (time < day_.from || time >= day_.to) day_ = calendar_.day(time);
    return day_;
  }

 private:
  MarketCalendar calendar_;
  TimeSpan day_;
};

struct DayMinutes : DayClock {
  using DayClock::DayClock;
  double operator()(const BarBlock& bars, std::size_t i) {
    const TimeMs time = bars.open_time[i];
    return static_cast<double>(time - day(time).from) / static_cast<double>(kMinuteMs);
  }
};

struct DayPart : DayClock {
  using DayClock::DayClock;
  double operator()(const BarBlock& bars, std::size_t i) {
    const TimeMs time = bars.open_time[i];
    return part_of(day(time), time);
  }
};

// Minutes since midnight of "HH:MM", which the calendar has checked.
DurationMs clock_time(std::string_view text) {
  const auto digit = [&](std::size_t i) { return DurationMs{text[i] - '0'}; };
  return ((digit(0) * 10 + digit(1)) * 60 + digit(3) * 10 + digit(4)) * kMinuteMs;
}

class SessionPart : public Stateless {
 public:
  explicit SessionPart(const MarketCalendar& calendar) : clock_(calendar.zone()), day_(calendar) {
    const std::string_view session = calendar.session();
    if (session.size() != 11) return;  // not "HH:MM-HH:MM": it goes on through the day
    from_ = clock_time(session.substr(0, 5));
    to_ = clock_time(session.substr(6));
  }
  double operator()(const BarBlock& bars, std::size_t i) {
    const TimeMs time = bars.open_time[i];
    if (from_ == to_) return part_of(day_.day(time), time);
    const DurationMs since_midnight = ((clock_.local(time) % kDayMs) + kDayMs) % kDayMs;
    return std::clamp(part_of({from_, to_}, since_midnight), 0.0, 1.0);
  }

 private:
  LocalClock clock_;
  DayClock day_;
  DurationMs from_ = 0, to_ = 0;  // after local midnight; equal where the session is the day
};

template <double (*circle)(double)>
class LocalHour : public Stateless {
 public:
  explicit LocalHour(const MarketCalendar& calendar) : clock_(calendar.zone()) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    const DurationMs since_midnight = ((clock_.local(bars.open_time[i]) % kDayMs) + kDayMs) % kDayMs;
    return circle(static_cast<double>(since_midnight) / static_cast<double>(kDayMs));
  }

 private:
  LocalClock clock_;
};

template <class Step>
FeatureKind make_kind(std::string name, std::string help) {
  return {.name = std::move(name),
          .unit = Unit::ratio,
          .help = std::move(help),
          .source = "common practice",
          .gapless = true,
          .in_market = FeatureKind::InMarket{
              .warm_up = [](Parameters, const Market&) { return std::size_t{0}; },
              .make = [](Parameters, const Market& market) { return on_bars<Step>(market.calendar); },
              .memory_bars = [](Parameters, double, const Market&) { return std::size_t{0}; }}};
}

FeatureKind day_minutes_kind() {
  return make_kind<DayMinutes>("day_minutes",
                               "Minutes from the beginning of the market's day to the bar's open.");
}

FeatureKind day_part_kind() {
  return make_kind<DayPart>("day_part", "Part of the market's day that is over at the bar's open, 0 to 1.");
}

FeatureKind session_part_kind() {
  return make_kind<SessionPart>(
      "session_part",
      "Part of the market's session that is over at the bar's open, 0 to 1; of its day "
      "where the session has no hours.");
}

FeatureKind local_hour_sin_kind() {
  return make_kind<LocalHour<exact_sin_of_turn>>(
      "local_hour_sin", "Sine of the time of day of the bar's open, in the zone of the market's day.");
}

FeatureKind local_hour_cos_kind() {
  return make_kind<LocalHour<exact_cos_of_turn>>(
      "local_hour_cos", "Cosine of the time of day of the bar's open, in the zone of the market's day.");
}

}  // namespace

struct SessionClockKinds {
  static FeatureKinds all() {
    return {day_minutes_kind(), day_part_kind(), session_part_kind(), local_hour_sin_kind(),
            local_hour_cos_kind()};
  }
};
template FeatureKinds kinds_of<SessionClockKinds>();

}  // namespace pawl::features
