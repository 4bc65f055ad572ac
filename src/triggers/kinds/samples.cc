// Retrain when enough new outcomes have come in, looked at now and then, or at one hour of the day.
#include "base/format.h"
#include "base/timezone.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

constexpr std::int64_t kAnyHour = -1;

// The instants at which the trigger looks: every `interval` since 1970, or, with an hour of the day, from
// that local hour on every `interval` until the hour is over.
class Looks {
 public:
  Looks(DurationMs interval, std::int64_t hour, TimeZone zone)
      : interval_(interval), hour_(hour), zone_(std::move(zone)) {}

  TimeMs next_after(TimeMs time) const {
    if (hour_ == kAnyHour) return (time / interval_ + 1) * interval_;
    // The hour of yesterday may still be going on where the clock was set back; tomorrow's always comes.
    CivilTime local = zone_.to_local(time - kDayMs);
    while (true) {
      const TimeMs start = zone_.from_local(
          {.year = local.year, .month = local.month, .day = local.day, .hour = static_cast<int>(hour_)});
      const TimeMs next = time < start ? start : start + ((time - start) / interval_ + 1) * interval_;
      if (next < start + kHourMs) return next;
      local = civil_from_time(time_from_civil({.year = local.year, .month = local.month, .day = local.day}) +
                              kDayMs);
    }
  }

 private:
  DurationMs interval_;
  std::int64_t hour_;
  TimeZone zone_;
};

class Samples final : public Trigger {
 public:
  Samples(std::int64_t min_samples, Looks looks) : min_samples_(min_samples), looks_(std::move(looks)) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    if (line.outcomes_since_retrain < min_samples_) return std::nullopt;
    const TimeMs look = looks_.next_after(line.last_checked_at.value_or(now - 1));
    if (look > now) return std::nullopt;
    return TriggerReason{
        "samples",
        fmt::format("samples: {} new outcomes {}, {} are needed (look of {})", line.outcomes_since_retrain,
                    line.last_retrain_at ? "since the last retrain" : "and never trained here", min_samples_,
                    format_time(look))};
  }

  std::optional<TimeMs> next_time(TimeMs now) const override { return looks_.next_after(now); }

 private:
  std::int64_t min_samples_;
  Looks looks_;
};

}  // namespace

TriggerKind samples_trigger() {
  TriggerKind kind{.name = "samples",
                   .help = "when enough new outcomes have come in since the last retrain",
                   .schema = {},
                   .make = [](const Settings& settings) -> Result<std::unique_ptr<Trigger>> {
                     auto zone = TimeZone::find(settings.text("zone"));
                     if (!zone) return propagate(zone);
                     return std::make_unique<Samples>(
                         settings.integer("min_samples"),
                         Looks(settings.integer("check_interval_s") * kSecondMs,
                               settings.integer("retrain_hour"), std::move(*zone)));
                   }};
  kind.schema.integer("min_samples", 100, "new outcomes since the last retrain").range(1, 1e9);
  kind.schema.integer("check_interval_s", 3600, "time between two looks").range(1, 86400 * 366).unit("s");
  kind.schema.integer("retrain_hour", kAnyHour, "looks only in this hour of the local day; -1: in any")
      .range(-1, 23);
  kind.schema.text("zone", "UTC", "the time zone of retrain_hour, by its IANA name");
  return kind;
}

}  // namespace pawl::triggers
