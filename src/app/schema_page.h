// Everything that a recipe can say, from the schemas that also check it.
#pragma once

#include <string>

#include "base/json.h"

namespace pawl::app {

// One entry a section, and for a section that names a kind one entry a kind.
Json schema_json();
// The same as Markdown: docs/recipe-reference.md is this text.
std::string schema_page();

}  // namespace pawl::app
