#include "triggers/trigger.h"

namespace pawl::triggers {

// Each is defined in the file of its name in kinds/.
TriggerKind age_trigger();
TriggerKind auto_training_trigger();
TriggerKind cron_trigger();
TriggerKind drift_trigger();
TriggerKind manual_trigger();
TriggerKind samples_trigger();
TriggerKind trades_trigger();

const std::vector<TriggerKind>& trigger_kinds() {
  static const std::vector<TriggerKind> kinds = {
      age_trigger(),    auto_training_trigger(), cron_trigger(),   drift_trigger(),
      manual_trigger(), samples_trigger(),       trades_trigger(),
  };
  return kinds;
}

const TriggerKind* find_trigger_kind(std::string_view name) {
  for (const TriggerKind& kind : trigger_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace pawl::triggers
