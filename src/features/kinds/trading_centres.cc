// Whether people are at work where currencies are traded: on weekdays, by the local clock with its summer
// time.
#include <optional>

#include "features/kinds/kinds.h"
#include "features/kinds/local_clock.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

struct Centre {
  const char* zone;
  int from_hour, to_hour;
};
constexpr Centre kTokyo = {"Asia/Tokyo", 9, 18}, kLondon = {"Europe/London", 8, 17},
                 kNewYork = {"America/New_York", 8, 17};

class IsOpen : public Stateless {
 public:
  explicit IsOpen(const Centre& centre) : centre_(centre) {
    if (auto zone = TimeZone::find(centre.zone)) clock_.emplace(*std::move(zone));
  }
  double operator()(const BarBlock& bars, std::size_t i) {
    if (!clock_) return kMissing;  // a system without time zones
    const TimeMs local = clock_->local(bars.open_time[i]);
    const DurationMs since_midnight = ((local % kDayMs) + kDayMs) % kDayMs;
    const std::int64_t day = (local - since_midnight) / kDayMs;
    const bool weekday = (((day + 3) % 7) + 7) % 7 < 5;  // 1970-01-01 was a Thursday
    return weekday && since_midnight >= centre_.from_hour * kHourMs &&
                   since_midnight < centre_.to_hour * kHourMs
               ? 1.0
               : 0.0;
  }

 private:
  Centre centre_;
  std::optional<LocalClock> clock_;
};

template <const Centre& centre>
FeatureKind make_kind(std::string name, std::string_view city) {
  return {
      .name = std::move(name),
      .unit = Unit::ratio,
      .help = fmt::format("1 where the bar opens between {:02}:00 and {:02}:00 of a weekday in {}, else 0.",
                          centre.from_hour, centre.to_hour, city),
      .source = "common practice",
      .gapless = true,
      .warm_up = [](Parameters) { return std::size_t{0}; },
      .make = [](Parameters) { return on_bars<IsOpen>(centre); },
      .memory_bars = [](Parameters, double) { return std::size_t{0}; }};
}

}  // namespace

struct TradingCentresKinds {
  static FeatureKinds all() {
    return {make_kind<kTokyo>("tokyo_session", "Tokyo"), make_kind<kLondon>("london_session", "London"),
            make_kind<kNewYork>("new_york_session", "New York")};
  }
};
template FeatureKinds kinds_of<TradingCentresKinds>();

}  // namespace pawl::features
