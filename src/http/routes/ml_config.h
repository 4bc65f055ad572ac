// "Machine Learning Configuration" (C1): keys of the recipe's trades section that a person changes on the
// dashboard. They are kept in the store beside the recipe, and are in force from the next start on.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "recipe/recipe.h"
#include "store/store.h"

namespace pawl::http {

// What was saved: key → value; an empty object where nothing was. corrupt where it is not understood.
Result<Json> read_ml_config(const store::Store& store);

// The same as --set: {"trades.ml_auto_retrain", "true"}, …, for whoever loads the recipe.
Result<std::vector<std::pair<std::string, std::string>>> ml_config_overrides(const store::Store& store);

// The ml_* keys of the recipe's trades section with their values.
Json ml_config_of(const recipe::Recipe& recipe);

// The saved keys with these over them, as the recipe's own reader takes them: bad_data names the key.
Result<Json> merge_ml_config(const recipe::Recipe& recipe, const Json& saved, const Json& changes);

inline constexpr std::string_view kMlConfigMeta = "ml_config";

}  // namespace pawl::http
