// A second, plain reader of the shared bar files, to compare the product's readers against: no checks, the
// standard library's conversions, a close one timeframe after the open.
#pragma once

#include <filesystem>

#include "domain/bar_series.h"
#include "domain/timeframe.h"

namespace pawl::test {

BarSeries read_real_bars(const std::filesystem::path& file, Timeframe timeframe);

}  // namespace pawl::test
