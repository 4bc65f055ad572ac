// The second half of detection: what the rows' times and prices say. See format.h.
#pragma once

#include "market/formats/evidence.h"
#include "market/formats/layout.h"

namespace pawl::market::formats {

// Each sets its part of the draft's format and notes or asks; invalid_argument where the caller's word for it
// does not parse. `rows` are in time order.
Status find_timeframe(Draft& draft, std::span<const ScannedRow> rows);
// Clock and time_is: both at once, because each tells about the other.
Status find_clock(Draft& draft, std::span<const ScannedRow> rows);
Status find_scale(Draft& draft, std::span<const ScannedRow> rows);

}  // namespace pawl::market::formats
