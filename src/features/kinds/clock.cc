// Time of day and day of week as points on a circle, so that 23:00 is near 00:00. Of the bar's open time,
// UTC.
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

template <double (*part)(TimeMs), double (*circle)(double)>
struct Clock : Stateless {
  double operator()(const BarBlock& bars, std::size_t i) const { return circle(part(bars.open_time[i])); }
};

template <class Step>
FeatureKind make_kind(std::string name, std::string help) {
  return {.name = std::move(name),
          .unit = Unit::ratio,
          .help = std::move(help),
          .source = "",
          .warm_up = [](Parameters) { return std::size_t{0}; },
          .make = [](Parameters) { return on_bars<Step>(); },
          .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

}  // namespace

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

}  // namespace pawl::features
