// The days on which the New York Stock Exchange is closed.
#pragma once

#include <string_view>

#include "base/time.h"

namespace pawl::market::formats {

// The name of the holiday or closure on the date of `day` (any time of that date, read as UTC), or empty
// where the exchange is open or it is a weekend. By NYSE Rule 7.2 (holidays; Juneteenth from 2022 on; a
// Saturday's holiday is kept on Friday, except New Year's, and a Sunday's on Monday) and the exchange's list
// of special closings; good from 1998 on, empty before.
std::string_view nyse_holiday(TimeMs day);

}  // namespace pawl::market::formats
