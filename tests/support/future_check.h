// The check that nothing looks ahead: what was said at T must not change when everything after T does.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "domain/bar_series.h"
#include "domain/feature_frame.h"

namespace pawl::test {

// Whatever turns bars into rows: an engine, a history, a dataset, a whole run.
using RowsOfBars = std::function<FeatureFrame(const BarSeries&)>;

// A row that changed, or came or went, though only bars that closed after it were touched.
struct FutureLeak {
  std::size_t cut = 0;                  // bars [0, cut) were left alone
  std::string future = {};              // "scrambled" or "cut off"
  std::string feature = {};             // empty where the rows themselves differ
  TimeMs known_at = 0;                  // of the row
  std::string before = {}, after = {};  // what it said with the true future, and with another
  std::string describe() const;
};

// Tries each cut: replaces the bars from it on by other, valid ones at the same times, and then leaves them
// out, and compares every row known at or before the last bar's close bit for bit. Nothing where all is well.
std::optional<FutureLeak> find_future_leak(const RowsOfBars& rows_of, const BarSeries& bars,
                                           std::span<const std::size_t> cuts, std::uint64_t seed = 1);

// Bars [0, cut) as they are, the others replaced by a walk that has nothing to do with them.
BarSeries with_scrambled_future(const BarSeries& bars, std::size_t cut, std::uint64_t seed);

}  // namespace pawl::test
