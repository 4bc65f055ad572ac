#include "gates/gate_policy.h"

namespace pawl::gates {

// Each is defined in the file of its name in policies/.
GatePolicyKind always_policy();
GatePolicyKind better_policy();
GatePolicyKind composite_policy();
GatePolicyKind never_policy();
GatePolicyKind sound_policy();
GatePolicyKind threshold_policy();

const std::vector<GatePolicyKind>& gate_policy_kinds() {
  static const std::vector<GatePolicyKind> kinds = {
      always_policy(), better_policy(), composite_policy(),
      never_policy(),  sound_policy(),  threshold_policy(),
  };
  return kinds;
}

const GatePolicyKind* find_gate_policy_kind(std::string_view name) {
  for (const GatePolicyKind& kind : gate_policy_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace pawl::gates
