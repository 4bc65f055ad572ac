// What trees go by, and what made one of their answers, as XGBoost itself tells it.
#pragma once

#include <span>
#include <string_view>

#include "models/explanation.h"

namespace pawl::models {

// Kind "gain". corrupt where the bytes are no tree model.
Result<Importance> tree_importance(std::string_view bytes);

// SHAP values of one row, and the bias: the trees' mean answer to the rows that they were trained on. corrupt
// where the bytes are no tree model, invalid_argument for a row of another width.
Result<Contributions> tree_contributions(std::string_view bytes, std::span<const double> row);

}  // namespace pawl::models
