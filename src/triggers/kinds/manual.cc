// Retrain because somebody asked.
#include "base/format.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

class Manual final : public Trigger {
 public:
  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    if (!line.manual_requested) return std::nullopt;
    const std::string why =
        line.manual_reason.empty() ? fmt::format("asked for at {}", format_time(now)) : line.manual_reason;
    return TriggerReason{
        .trigger = "manual",
        .reason = fmt::format("manual{}: {}", line.manual_force ? ", past the gate" : "", why),
        .full = line.manual_full,
        .force = line.manual_force};
  }

  std::optional<TimeMs> next_time(TimeMs) const override { return std::nullopt; }
};

}  // namespace

TriggerKind manual_trigger() {
  return {
      .name = "manual",
      .help = "when a person, a webhook or a command asks for it",
      .schema = {},
      .make = [](const Settings&) -> Result<std::unique_ptr<Trigger>> { return std::make_unique<Manual>(); }};
}

}  // namespace pawl::triggers
