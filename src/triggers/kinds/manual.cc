// Retrain because somebody asked.
#include "base/format.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

class Manual final : public Trigger {
 public:
  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs now) const override {
    if (!line.manual_requested) return std::nullopt;
    return TriggerReason{"manual",
                         fmt::format("manual: {}", line.manual_reason.empty()
                                                       ? fmt::format("asked for at {}", format_time(now))
                                                       : line.manual_reason),
                         line.manual_full};
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
