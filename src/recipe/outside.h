// How a recipe names what is joined to its bars (docs/outside-series.md): "vix = bars(VIX, 15)", and, within
// a feature, ret(1)[VIX].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recipe/recipe.h"

namespace pawl::recipe {

// One entry of `outside`. bad_config repeats it and says what was wrong and how one is written.
Result<OutsideSeries> parse_outside(std::string_view text);
// The entry that reads back as the same series; not of kind market, which no entry can be.
std::string outside_text(const OutsideSeries& series);

// Adds to recipe.outside, where it is not there yet, a series of kind market for each thing that the
// expressions read of another market; delay and staleness are those of the market's own entry, where it has
// one. bad_config where an expression cannot be read or names a market without bars.
Status add_market_series(const std::vector<std::string>& specs, Recipe& recipe);

}  // namespace pawl::recipe
