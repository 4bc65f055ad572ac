// Retrain a trade filter: at times, and only where enough trades have closed since it was last trained. The
// `trades` section of a recipe makes it; it is not listed among its triggers.
#include <cmath>

#include "base/format.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

class Trades final : public Trigger {
 public:
  Trades(double every_days, std::int64_t min_samples, DurationMs interval)
      : every_days_(every_days),
        every_ms_(std::llround(every_days * static_cast<double>(kDayMs))),
        min_samples_(min_samples),
        interval_(interval) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    const TimeMs look = next_look(line.last_checked_at.value_or(now - 1));
    if (look > now || line.outcomes_since_retrain < min_samples_) return std::nullopt;
    const DurationMs age = now - line.last_retrain_at.value_or(line.started_at);
    if (age < every_ms_) return std::nullopt;
    return TriggerReason{
        "trades", fmt::format("trades: {} closed {}, {} are needed; {:.3f} days since {}, one every {:g} "
                              "days (look of {})",
                              line.outcomes_since_retrain,
                              line.last_retrain_at ? "since the last training" : "and never trained here",
                              min_samples_, static_cast<double>(age) / static_cast<double>(kDayMs),
                              line.last_retrain_at ? "the last retrain" : "the first trade", every_days_,
                              format_time(look))};
  }

  std::optional<TimeMs> next_time(TimeMs now) const override { return next_look(now); }

 private:
  TimeMs next_look(TimeMs after) const { return (after / interval_ + 1) * interval_; }

  double every_days_;
  DurationMs every_ms_;
  std::int64_t min_samples_;
  DurationMs interval_;
};

}  // namespace

TriggerKind trades_trigger() {
  TriggerKind kind{.name = "trades",
                   .help = "when a trade filter's time has come and enough trades have closed",
                   .schema = {},
                   .make = [](const Settings& settings) -> Result<std::unique_ptr<Trigger>> {
                     return std::make_unique<Trades>(settings.number("every_days"),
                                                     settings.integer("min_samples"),
                                                     settings.integer("check_interval_s") * kSecondMs);
                   }};
  kind.schema.number("every_days", 7, "least time between two retrains, or from the first trade on")
      .range(0, 36500)
      .unit("days");
  kind.schema.integer("min_samples", 100, "trades that have closed since the last training").range(1, 1e9);
  kind.schema.integer("check_interval_s", 3600, "time between two looks").range(1, 86400 * 366).unit("s");
  return kind;
}

}  // namespace pawl::triggers
