// The kinds that model_kinds.cc lists, one declaration per file of this folder.
#pragma once

#include "models/model_kind.h"

namespace pawl::models {

ModelKind rules_kind();
ModelKind logistic_kind();
ModelKind xgboost_kind();

}  // namespace pawl::models
