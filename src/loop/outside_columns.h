// Stored bars carry their joined values by place, without names: this keeps what each place holds.
#pragma once

#include "recipe/recipe.h"
#include "store/store.h"

namespace pawl::loop {

// conflict where the store holds bars of the recipe's markets that were joined with anything else, as far as
// that was written down: values of two meanings must not stand in one column. Writes nothing.
Status expect_outside_columns(const recipe::Recipe& recipe, store::Store& store);
// Expects them and writes them down: before the first bar is stored, or bars of the same recipe are added.
Status remember_outside_columns(const recipe::Recipe& recipe, store::Store& store);

}  // namespace pawl::loop
