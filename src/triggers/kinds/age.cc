// Retrain when the last retrain is too long ago.
#include <cmath>

#include "base/format.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

class Age final : public Trigger {
 public:
  explicit Age(double max_age_days)
      : max_age_days_(max_age_days), max_age_ms_(std::llround(max_age_days * static_cast<double>(kDayMs))) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    const DurationMs age = now - line.last_retrain_at.value_or(line.started_at);
    if (age < max_age_ms_) return std::nullopt;
    return TriggerReason{
        "age", fmt::format("age: {:.3f} days since {}, at most {:g} are allowed",
                           static_cast<double>(age) / static_cast<double>(kDayMs),
                           line.last_retrain_at ? "the last retrain" : "the line began, never trained here",
                           max_age_days_)};
  }

  // The age is the snapshot's to know; a look at every whole hour keeps the delay under one.
  std::optional<TimeMs> next_time(TimeMs now) const override { return (now / kHourMs + 1) * kHourMs; }

 private:
  double max_age_days_;
  DurationMs max_age_ms_;
};

}  // namespace

TriggerKind age_trigger() {
  TriggerKind kind{.name = "age",
                   .help = "when the last retrain, or the line's beginning, is too long ago",
                   .schema = {},
                   .make = [](const Settings& settings) -> Result<std::unique_ptr<Trigger>> {
                     return std::make_unique<Age>(settings.number("max_age_days"));
                   }};
  // A line that is always too old would be retrained at every look.
  kind.schema.number("max_age_days", 30, "days since the last retrain from which on it fires")
      .range(0.01, 36500)
      .unit("days");
  return kind;
}

}  // namespace pawl::triggers
