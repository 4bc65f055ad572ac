// docs/performance.md, made from the JSON of a run.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace pawl::bench {

// bad_data where the JSON is not what a run writes.
Result<std::string> page_of(const Json& figures);

}  // namespace pawl::bench
