// Bars of one market in time order, column by column.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "domain/bar.h"

namespace pawl {

// A view of consecutive bars, by columns of one length.
struct BarBlock {
  std::span<const TimeMs> open_time, close_time;
  std::span<const double> open, high, low, close, volume;
  std::size_t size() const { return open_time.size(); }
};

class BarSeries {
 public:
  // The bar must open at or after the last one's close; anything else is a bug of the caller (assert).
  void append(const Bar& bar);
  void append(const BarSeries& other);
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

  // The number of bars known at `time` (close_time ≤ time), and the number that open before it. O(log n).
  std::size_t count_known_at(TimeMs time) const;
  std::size_t count_opened_before(TimeMs time) const;
  // A copy of bars [first, last).
  BarSeries slice(std::size_t first, std::size_t last) const;

 private:
  std::vector<TimeMs> open_time_, close_time_;
  std::vector<double> open_, high_, low_, close_, volume_;
};

// A hole between two neighbours that the calendar cannot explain.
struct BarGap {
  TimeMs after = 0;   // close of the last bar before it
  TimeMs before = 0;  // open of the first bar after it
};

}  // namespace pawl
