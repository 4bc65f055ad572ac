// Files that follow the store: mirrors, and a bot's training data.
#pragma once

#include "app/context.h"

namespace pawl::app {

// Brings all of them up to date after something was done by hand, or at the end of a replay. Nothing in
// memory, or where the folder has no recipe yet.
Status catch_up_files(const recipe::Recipe& recipe, DataFolder& data);
// Of the recipe that the folder was made with.
Status catch_up_files(const CommonOptions& common, DataFolder& data);

}  // namespace pawl::app
