// What goes without saying in a recipe with a trades section: its inputs, label, signal rule, version 0 and
// the trigger of its retrains. Private to the room.
#pragma once

#include <string_view>

#include "base/config_node.h"
#include "recipe/recipe.h"

namespace pawl::recipe {

inline constexpr std::string_view kAllow = "allow";

// Fills in what the file leaves out; bad_config where it says something else. `trades` and `baseline` have
// been read.
Status read_filter(const ConfigNode& root, std::string_view file, Recipe& recipe);
// The trigger that its section stands for, where it retrains by itself.
Status add_filter_trigger(Recipe& recipe);

}  // namespace pawl::recipe
