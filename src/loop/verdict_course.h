// What a version would have earned, bar by bar, had it served. It is asked where the loop asks the version
// that serves and nowhere else, and its signals fill as the loop's strategy has them fill.
#pragma once

#include <map>

#include "loop/loop.h"

namespace pawl::loop {

// After-cost returns by the close of the bar that it was asked at: of bars that close in [from, to) and whose
// fills are known. It begins flat and ends flat. Deterministic: the very answers that it would have given.
Result<std::map<TimeMs, double>> course_of(const Loop& loop, Series& series,
                                           const registry::LoadedVersion& version,
                                           const recipe::Recipe& recipe, TimeMs from, TimeMs to);

}  // namespace pawl::loop
