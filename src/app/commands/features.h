// `pawl features`: the kinds that there are, one of them in full, or what an expression is computed from.
#pragma once

#include <string>
#include <vector>

#include "app/context.h"

namespace pawl::app {

struct FeaturesOptions {
  std::vector<std::string> names;  // of one kind, or expressions; empty: all kinds
  std::string timeframe;           // of the bars; empty: the recipe's, or H1 where none is named
  bool markdown = false;           // docs/features.md
};
int features_command(const CommonOptions& common, const FeaturesOptions& options);

}  // namespace pawl::app
