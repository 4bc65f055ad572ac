// A line's walk-forward as a table (SPEC A5): a row per fold of the newest run that has folds.
#pragma once

#include <string>

#include "base/json.h"

namespace pawl::mirrors {

// CSV with its header: fold, train_from, train_to, train_rows, test_from, test_to, test_rows, every metric by
// name, trades, costs. A metric that is undefined is an empty field.
std::string walk_forward_table(const Json& folds);

}  // namespace pawl::mirrors
