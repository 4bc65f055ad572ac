#include "labels/kinds/kinds.h"

namespace pawl::labels {

const std::vector<LabellerKind>& labeller_kinds() {
  static const std::vector<LabellerKind> kKinds = {
      horizon_return_kind(),
      triple_barrier_kind(),
  };
  return kKinds;
}

const LabellerKind* find_labeller_kind(std::string_view name) {
  for (const LabellerKind& kind : labeller_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace pawl::labels
