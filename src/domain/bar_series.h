// Bars of one market in time order, column by column, and the outside series that were joined to them.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

#include "domain/bar.h"

namespace pawl {

// A view of consecutive bars, by columns of one length.
struct BarBlock {
  std::span<const TimeMs> open_time, close_time;
  std::span<const double> open, high, low, close, volume;
  // The joined columns of the whole series that the block is of, and the bar there at which it begins: a
  // block is a view and owns nothing. Read them with joined().
  std::span<const std::vector<double>> series_joined = {};
  std::size_t series_first = 0;

  std::size_t size() const { return open_time.size(); }
  std::size_t joined_columns() const { return series_joined.size(); }
  std::span<const double> joined(std::size_t column) const {
    assert(column < series_joined.size());
    return std::span(series_joined[column]).subspan(series_first, size());
  }
  // Bars [first, first + count) of the block.
  BarBlock part(std::size_t first, std::size_t count) const;
};

// An outside series (a rate, an index, a sentiment score) may be joined to the bars as a column: one value a
// bar, as it was known at that bar's close; NaN where it was not. Who joins them keeps that promise.
class BarSeries {
 public:
  BarSeries() = default;
  explicit BarSeries(std::size_t joined_columns) : joined_(joined_columns) {}

  // The bar must open at or after the last one's close, and come with a value for each joined column;
  // anything else is a bug of the caller (assert).
  void append(const Bar& bar) { append(bar, {}); }
  void append(const Bar& bar, std::span<const double> joined);
  void append(const BarSeries& other);  // of as many joined columns
  void reserve(std::size_t count);

  std::size_t size() const { return open_time_.size(); }
  bool empty() const { return open_time_.empty(); }
  Bar operator[](std::size_t index) const;
  Bar back() const { return (*this)[size() - 1]; }
  // Bars [first, first + count).
  BarBlock block(std::size_t first, std::size_t count) const;
  BarBlock all() const { return block(0, size()); }

  TimeMs open_time(std::size_t i) const { return open_time_[i]; }
  TimeMs close_time(std::size_t i) const { return close_time_[i]; }
  double open(std::size_t i) const { return open_[i]; }
  double high(std::size_t i) const { return high_[i]; }
  double low(std::size_t i) const { return low_[i]; }
  double close(std::size_t i) const { return close_[i]; }
  double volume(std::size_t i) const { return volume_[i]; }
  std::size_t joined_columns() const { return joined_.size(); }
  double joined(std::size_t column, std::size_t bar) const { return joined_[column][bar]; }

  // The number of bars known at `time` (close_time ≤ time), and the number that open before it. O(log n).
  std::size_t count_known_at(TimeMs time) const;
  std::size_t count_opened_before(TimeMs time) const;
  // A copy of bars [first, last).
  BarSeries slice(std::size_t first, std::size_t last) const;

 private:
  std::vector<TimeMs> open_time_, close_time_;
  std::vector<double> open_, high_, low_, close_, volume_;
  std::vector<std::vector<double>> joined_;  // by column
};

// A hole between two neighbours that the calendar cannot explain.
struct BarGap {
  TimeMs after = 0;   // close of the last bar before it
  TimeMs before = 0;  // open of the first bar after it
};

}  // namespace pawl
