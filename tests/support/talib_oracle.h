// TA-Lib's answers to specs of ours. Where tools/fetch-talib has fetched it, talib_oracle.cc calls its C
// code; elsewhere talib_absent.cc stands in and knows nothing.
//
// It is the C code of npm package talib 1.1.6: TA-Lib 0.6.0 ("0.6.0-dev"), whose TA_IS_ZERO means less than
// 1e-14, as nearly_zero() of features/kinds/step.h does. TA-Lib 0.4.0 says 1e-8 there and answers otherwise
// on small prices.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/bar_series.h"

namespace pawl::test {

bool talib_is_here();
inline constexpr const char* kNoTalib =
    "SKIPPED: TA-Lib's C code is not in build/third-party; tools/fetch-talib fetches it";

std::string talib_version();  // "0.6.0-dev (…)"; empty where it is not here

// One value a bar, NaN before TA-Lib's first; nothing where it has no such function. Parameters are in our
// order, all of them given; the input is the bars' close where ours has one, but for min (low), max
// (high) and corr (close and volume).
std::optional<std::vector<double>> talib_values(const std::string& kind, std::span<const double> parameters,
                                                const BarSeries& bars);

}  // namespace pawl::test
