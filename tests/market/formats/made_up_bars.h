// Made-up bars as lines of any form, so that a test writes down only what it is about.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/bar.h"

namespace pawl::test {

// A walk of `count` bars, each opening where the one before closed, `step` apart from `start` on; bars for
// which `keep` says no are left out.
inline std::vector<Bar> walk(TimeMs start, DurationMs step, int count, double price = 1.1,
                             const std::function<bool(TimeMs)>& keep = {}) {
  Random random(17);
  std::vector<Bar> bars;
  // Prices are whole ticks, as a market's are.
  const double tick = price < 10 ? 1e-5 : 0.01;
  double ticks = std::round(price / tick);
  double quiet = 1;
  for (TimeMs time = start; static_cast<int>(bars.size()) < count; time += step) {
    if (keep && !keep(time)) continue;
    // Busy times follow busy times, in volume and in range alike.
    quiet = 0.8 * quiet + 0.2 * (0.2 + 3 * random.uniform() * random.uniform());
    const double size = 20 * quiet;
    const double open = ticks, close = open + std::round(size * (random.uniform() - 0.5));
    const double high = std::max(open, close) + std::ceil(size * random.uniform());
    const double low = std::min(open, close) - std::ceil(size * random.uniform());
    bars.push_back({.open_time = time,
                    .close_time = time + step,
                    .open = open * tick,
                    .high = high * tick,
                    .low = low * tick,
                    .close = close * tick,
                    .volume = std::round(100 * quiet * (0.8 + 0.4 * random.uniform()))});
    ticks = close;
  }
  return bars;
}

inline std::string lines(const std::vector<Bar>& bars, const std::function<std::string(const Bar&)>& line) {
  std::string text;
  for (const Bar& bar : bars) {
    text += line(bar);
    text += '\n';
  }
  return text;
}

}  // namespace pawl::test
