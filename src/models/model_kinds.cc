#include <algorithm>

#include "models/kinds/kinds.h"
#include "models/model_kind.h"

namespace pawl::models {

const std::vector<ModelKind>& model_kinds() {
  static const std::vector<ModelKind> kinds = {
      rules_kind(),
      logistic_kind(),
      xgboost_kind(),
  };
  return kinds;
}

const ModelKind* find_model_kind(std::string_view name) {
  const auto& kinds = model_kinds();
  const auto found = std::ranges::find(kinds, name, &ModelKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace pawl::models
