// TA-Lib as a program without pawl would call it: function by function, each over the whole series into
// columns. talib_absent.cc stands in where tools/fetch-talib has not fetched it, and has no functions.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "domain/bar_series.h"

namespace pawl::bench {

bool talib_is_here();

// Computes the named indicator ("MACD(12,26,9)"): writes each of its lines, beginning with its first value,
// and gives the bar of that value. Every line has room for all bars. internal where TA-Lib refuses or has no
// such one.
Result<std::size_t> run_talib(std::string_view name, const BarBlock& bars, std::span<double* const> lines);

}  // namespace pawl::bench
