// Valid bars of a random walk, for tests that need some bars and do not care which.
#pragma once

#include <algorithm>

#include "base/random.h"
#include "domain/bar_series.h"
#include "domain/timeframe.h"

namespace pawl::test {

inline constexpr TimeMs kWalkStart = 1'704'067'200'000;  // 2024-01-01T00:00:00Z, a Monday

// One after another without gaps, from `start` on.
inline BarSeries walk_bars(std::uint64_t seed, std::size_t count, TimeMs start = kWalkStart,
                           Timeframe timeframe = kH1) {
  Random random(seed);
  BarSeries bars;
  bars.reserve(count);
  double price = 100;
  for (std::size_t i = 0; i < count; ++i) {
    Bar bar;
    bar.open_time = start + static_cast<TimeMs>(i) * timeframe.duration_ms();
    bar.close_time = bar.open_time + timeframe.duration_ms();
    bar.open = price;
    bar.close = price * (1 + 0.01 * random.normal());
    bar.high = std::max(bar.open, bar.close) * (1 + 0.004 * random.uniform());
    bar.low = std::min(bar.open, bar.close) * (1 - 0.004 * random.uniform());
    bar.volume = 1 + 1000 * random.uniform();
    // The next open is a little off this close, so that nothing can confuse the two.
    price = bar.close * (1 + 0.001 * random.normal());
    bars.append(bar);
  }
  return bars;
}

}  // namespace pawl::test
