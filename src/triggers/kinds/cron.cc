// Retrain on a schedule; one that was missed is caught up once.
#include "triggers/cron.h"

#include <cmath>

#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

class Cron final : public Trigger {
 public:
  Cron(CronSchedule schedule, bool full, DurationMs yields_ms)
      : schedule_(std::move(schedule)), full_(full), yields_ms_(yields_ms) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    // However many were due since the last look, they are caught up by one run. Without a last look nothing
    // was missed: only a schedule that is due at this instant counts.
    const TimeMs due = schedule_.next_after(line.last_checked_at.value_or(now - 1));
    if (due > now) return std::nullopt;
    std::string reason = fmt::format("cron: {} ({}) was due at {}", schedule_.expression(), schedule_.zone(),
                                     format_time(due));
    if (now - due >= kMinuteMs) reason += fmt::format(", caught up at {}", format_time(now));
    return TriggerReason{"cron", std::move(reason), full_, yields_ms_};
  }

  std::optional<TimeMs> next_time(TimeMs now) const override { return schedule_.next_after(now); }
  bool full() const override { return full_; }

 private:
  CronSchedule schedule_;
  bool full_;
  DurationMs yields_ms_;
};

}  // namespace

TriggerKind cron_trigger() {
  TriggerKind kind{.name = "cron",
                   .help = "on a schedule; one that was missed is caught up once",
                   .schema = {},
                   .make = [](const Settings& settings) -> Result<std::unique_ptr<Trigger>> {
                     auto schedule = CronSchedule::parse(settings.text("schedule"), settings.text("zone"));
                     if (!schedule) return propagate(schedule);
                     return std::make_unique<Cron>(std::move(*schedule), settings.boolean("full"),
                                                   std::llround(settings.number("yield_hours") * kHourMs));
                   }};
  kind.schema.text("schedule", "0 2 * * SUN", "minute hour day-of-month month day-of-week");
  kind.schema.text("zone", "UTC", "the time zone of the schedule's clock, by its IANA name");
  kind.schema.boolean("full", false, "the settings of the model are searched for anew, as `search` says");
  kind.schema
      .number("yield_hours", 0, "a full retrain that is due within so many hours takes this one's place")
      .range(0, 1000);
  return kind;
}

}  // namespace pawl::triggers
