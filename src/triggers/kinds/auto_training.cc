// Retrain by the signals of the line: a low win rate, a first training, or age with enough signals.
#include <cmath>

#include "base/format.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

struct Rules {
  bool enabled = true;
  bool since_ever = false;
  std::int64_t min_signals = 0;
  std::int64_t first_training_signals = 0;
  std::int64_t min_trades_before_retrain = 0;
  double max_days_between_retrain = 0;
  double min_win_rate_threshold = 0;
};

// With enough digits not to look like the limit that it is below.
std::string rate_text(double rate, double limit) {
  int digits = 3;
  std::string text = fmt::format("{:.{}f}", rate, digits);
  while (digits < 9 && text == fmt::format("{:.{}f}", limit, digits)) {
    text = fmt::format("{:.{}f}", rate, ++digits);
  }
  return text;
}

class AutoTraining final : public Trigger {
 public:
  explicit AutoTraining(const Rules& rules)
      : rules_(rules),
        max_age_ms_(std::llround(rules.max_days_between_retrain * static_cast<double>(kDayMs))) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    if (!rules_.enabled || !line.live_event) return std::nullopt;
    const SignalCounts& counts = rules_.since_ever ? line.ever : line.since_retrain;
    const std::string_view since = rules_.since_ever      ? "over all time"
                                   : line.last_retrain_at ? "since the last retrain"
                                                          : "so far, never trained here";
    if (counts.signals < rules_.min_signals) return std::nullopt;

    const auto rate = counts.win_rate();
    if (rate && *rate < rules_.min_win_rate_threshold) {
      return TriggerReason{"win_rate",
                           fmt::format("win rate: {} is below {:g} over {} signals {} ({} correct)",
                                       rate_text(*rate, rules_.min_win_rate_threshold),
                                       rules_.min_win_rate_threshold, counts.signals, since, counts.correct)};
    }
    if (!line.last_retrain_at) {
      if (counts.signals < rules_.first_training_signals) return std::nullopt;
      return TriggerReason{"first", fmt::format("first training: {} signals {}, {} are needed",
                                                counts.signals, since, rules_.first_training_signals)};
    }
    const DurationMs age = now - *line.last_retrain_at;
    if (age < max_age_ms_ || counts.signals < rules_.min_trades_before_retrain) return std::nullopt;
    return TriggerReason{
        "age",
        fmt::format("age: {:.3f} days since the last retrain, at most {:g} are allowed, and {} signals "
                    "{}, {} are needed",
                    static_cast<double>(age) / static_cast<double>(kDayMs), rules_.max_days_between_retrain,
                    counts.signals, since, rules_.min_trades_before_retrain)};
  }

  // It looks when a signal's outcome is known, never because time has passed.
  std::optional<TimeMs> next_time(TimeMs) const override { return std::nullopt; }

 private:
  Rules rules_;
  DurationMs max_age_ms_;
};

}  // namespace

TriggerKind auto_training_trigger() {
  TriggerKind kind{
      .name = "auto_training",
      .help = "by the line's own signals: a low win rate, a first training, or age with enough signals",
      .schema = {},
      .make = [](const Settings& settings) -> Result<std::unique_ptr<Trigger>> {
        return std::make_unique<AutoTraining>(
            Rules{.enabled = settings.boolean("enabled"),
                  .since_ever = settings.text("since") == "ever",
                  .min_signals = settings.integer("min_signals"),
                  .first_training_signals = settings.integer("first_training_signals"),
                  .min_trades_before_retrain = settings.integer("min_trades_before_retrain"),
                  .max_days_between_retrain = settings.number("max_days_between_retrain"),
                  .min_win_rate_threshold = settings.number("min_win_rate_threshold")});
      }};
  kind.schema.boolean("enabled", true, "false: predicts and tracks, but never retrains by itself");
  kind.schema.integer("min_signals", 20, "with fewer signals no rule looks").range(0, 1e9);
  kind.schema.number("min_win_rate_threshold", 0.45, "a win rate below this retrains").range(0, 1);
  kind.schema
      .integer("first_training_signals", 100, "signals from which a line never trained here is trained")
      .range(0, 1e9);
  kind.schema.integer("min_trades_before_retrain", 50, "signals that the age rule needs").range(0, 1e9);
  kind.schema
      .number("max_days_between_retrain", 30, "days since the last retrain from which the age rule fires")
      .range(0, 36500)
      .unit("days");
  kind.schema
      .text("since", "retrain", "which signals count: those since the last retrain, or all there ever were")
      .choices({"retrain", "ever"});
  return kind;
}

}  // namespace pawl::triggers
