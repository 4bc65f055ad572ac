// Time of day, day of week and of month, and month as points on a circle, so that 23:00 is near 00:00. Of the
// bar's open time, UTC.
#include "features/kinds/exact_math.h"
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

double part_of_day(TimeMs time) {
  const TimeMs since_midnight = ((time % kDayMs) + kDayMs) % kDayMs;
  return static_cast<double>(since_midnight) / static_cast<double>(kDayMs);
}

// Monday is 0; 1970-01-01 was a Thursday, 3.
double part_of_week(TimeMs time) {
  const TimeMs day = (time - (((time % kDayMs) + kDayMs) % kDayMs)) / kDayMs;
  return static_cast<double>((((day + 3) % 7) + 7) % 7) / 7.0;
}

double part_of_year(TimeMs time) {
  return static_cast<double>(civil_from_time(time).month - 1) / 12.0;
}

double part_of_month(TimeMs time) {
  const CivilTime day = civil_from_time(time);
  const TimeMs first = time_from_civil({.year = day.year, .month = day.month, .day = 1});
  const bool december = day.month == 12;
  const TimeMs next = time_from_civil(
      {.year = day.year + (december ? 1 : 0), .month = december ? 1 : day.month + 1, .day = 1});
  return static_cast<double>(day.day - 1) / static_cast<double>((next - first) / kDayMs);
}

template <double (*part)(TimeMs), double (*circle)(double)>
struct Clock : Stateless {
  double operator()(const BarBlock& bars, std::size_t i) const { return circle(part(bars.open_time[i])); }
};

template <class Step>
FeatureKind make_kind(std::string name, std::string help) {
  return {.name = std::move(name),
          .unit = Unit::ratio,
          .help = std::move(help),
          .source = "common practice",
          .gapless = true,
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = [](Parameters) { return on_bars<Step>(); },
          .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

FeatureKind hour_sin_kind() {
  return make_kind<Clock<part_of_day, exact_sin_of_turn>>("hour_sin",
                                                          "Sine of the UTC time of day of the bar's open.");
}

FeatureKind hour_cos_kind() {
  return make_kind<Clock<part_of_day, exact_cos_of_turn>>("hour_cos",
                                                          "Cosine of the UTC time of day of the bar's open.");
}

FeatureKind day_sin_kind() {
  return make_kind<Clock<part_of_week, exact_sin_of_turn>>(
      "day_sin", "Sine of the UTC day of week of the bar's open, Monday at 0.");
}

FeatureKind day_cos_kind() {
  return make_kind<Clock<part_of_week, exact_cos_of_turn>>(
      "day_cos", "Cosine of the UTC day of week of the bar's open, Monday at 0.");
}

FeatureKind month_sin_kind() {
  return make_kind<Clock<part_of_year, exact_sin_of_turn>>(
      "month_sin", "Sine of the UTC month of the bar's open, January at 0.");
}

FeatureKind month_cos_kind() {
  return make_kind<Clock<part_of_year, exact_cos_of_turn>>(
      "month_cos", "Cosine of the UTC month of the bar's open, January at 0.");
}

FeatureKind month_day_sin_kind() {
  return make_kind<Clock<part_of_month, exact_sin_of_turn>>(
      "month_day_sin", "Sine of the UTC day within its month of the bar's open, the first at 0.");
}

FeatureKind month_day_cos_kind() {
  return make_kind<Clock<part_of_month, exact_cos_of_turn>>(
      "month_day_cos", "Cosine of the UTC day within its month of the bar's open, the first at 0.");
}

}  // namespace

struct ClockKinds {
  static FeatureKinds all() {
    return {hour_sin_kind(),  hour_cos_kind(),  day_sin_kind(),       day_cos_kind(),
            month_sin_kind(), month_cos_kind(), month_day_sin_kind(), month_day_cos_kind()};
  }
};
template FeatureKinds kinds_of<ClockKinds>();

}  // namespace pawl::features
