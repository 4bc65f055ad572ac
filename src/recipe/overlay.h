// Lays the overrides over the file: what stands where is decided here, what it means in load.cc.
#pragma once

#include <string>
#include <vector>

#include "base/config_node.h"
#include "recipe/recipe.h"

namespace pawl::recipe {

// Puts the environment, then --set, over the parsed file. A section whose kind an override changes loses the
// file's settings of the former kind.
Status overlay(ConfigNode& root, const Overrides& overrides);

// The key that an environment name stands for ("PAWL_GATE__POLICY" → "gate.policy"), or empty where the name
// is not the recipe's.
std::string key_of_environment(std::string_view name);

}  // namespace pawl::recipe
