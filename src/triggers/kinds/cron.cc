// Retrain on a schedule; one that was missed is caught up once.
#include "triggers/cron.h"

#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

class Cron final : public Trigger {
 public:
  explicit Cron(CronSchedule schedule) : schedule_(std::move(schedule)) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    // However many were due since the last look, they are caught up by one run. Without a last look nothing
    // was missed: only a schedule that is due at this instant counts.
    const TimeMs due = schedule_.next_after(line.last_checked_at.value_or(now - 1));
    if (due > now) return std::nullopt;
    std::string reason = fmt::format("cron: {} ({}) was due at {}", schedule_.expression(), schedule_.zone(),
                                     format_time(due));
    if (now - due >= kMinuteMs) reason += fmt::format(", caught up at {}", format_time(now));
    return TriggerReason{"cron", std::move(reason)};
  }

  std::optional<TimeMs> next_time(TimeMs now) const override { return schedule_.next_after(now); }

 private:
  CronSchedule schedule_;
};

}  // namespace

TriggerKind cron_trigger() {
  TriggerKind kind{.name = "cron",
                   .help = "on a schedule; one that was missed is caught up once",
                   .schema = {},
                   .make = [](const Settings& settings) -> Result<std::unique_ptr<Trigger>> {
                     auto schedule = CronSchedule::parse(settings.text("schedule"), settings.text("zone"));
                     if (!schedule) return propagate(schedule);
                     return std::make_unique<Cron>(std::move(*schedule));
                   }};
  kind.schema.text("schedule", "0 2 * * SUN", "minute hour day-of-month month day-of-week");
  kind.schema.text("zone", "UTC", "the time zone of the schedule's clock, by its IANA name");
  return kind;
}

}  // namespace pawl::triggers
