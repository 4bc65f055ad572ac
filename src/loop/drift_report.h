// What the checks of drift have said, read back from the event stream.
#pragma once

#include <span>
#include <vector>

#include "base/json.h"
#include "store/store.h"

namespace pawl::loop {

// The newest checks of a line, oldest first, each as its event holds it (docs/drift.md).
Result<std::vector<Json>> drift_checks(store::Store& store, const LineId& line, std::size_t newest);
// The same of several lines at once, as many entries as `lines`. The stream is read from its end, and no
// further than the oldest check that is asked for.
Result<std::vector<std::vector<Json>>> drift_checks(store::Store& store, std::span<const LineId> lines,
                                                    std::size_t newest);

// Of a check: one thing to do, in a sentence.
std::string drift_advice(const Json& check);

}  // namespace pawl::loop
