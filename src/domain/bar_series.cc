#include "domain/bar_series.h"

#include <algorithm>
#include <cassert>

namespace pawl {

namespace {

template <class T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

template <class T>
std::vector<T> copy_range(const std::vector<T>& from, std::size_t first, std::size_t last) {
  return std::vector<T>(from.begin() + static_cast<std::ptrdiff_t>(first),
                        from.begin() + static_cast<std::ptrdiff_t>(last));
}

}  // namespace

BarBlock BarBlock::part(std::size_t first, std::size_t count) const {
  return {.open_time = open_time.subspan(first, count),
          .close_time = close_time.subspan(first, count),
          .open = open.subspan(first, count),
          .high = high.subspan(first, count),
          .low = low.subspan(first, count),
          .close = close.subspan(first, count),
          .volume = volume.subspan(first, count),
          .series_joined = series_joined,
          .series_first = series_first + first};
}

void BarSeries::append(const Bar& bar, std::span<const double> joined) {
  assert(empty() || bar.open_time >= close_time_.back());
  assert(joined.size() == joined_.size());
  open_time_.push_back(bar.open_time);
  close_time_.push_back(bar.close_time);
  open_.push_back(bar.open);
  high_.push_back(bar.high);
  low_.push_back(bar.low);
  close_.push_back(bar.close);
  volume_.push_back(bar.volume);
  for (std::size_t i = 0; i < joined_.size(); ++i) joined_[i].push_back(joined[i]);
}

void BarSeries::append(const BarSeries& other) {
  assert(&other != this && other.joined_.size() == joined_.size());
  assert(empty() || other.empty() || other.open_time_.front() >= close_time_.back());
  append_all(open_time_, other.open_time_);
  append_all(close_time_, other.close_time_);
  append_all(open_, other.open_);
  append_all(high_, other.high_);
  append_all(low_, other.low_);
  append_all(close_, other.close_);
  append_all(volume_, other.volume_);
  for (std::size_t i = 0; i < joined_.size(); ++i) append_all(joined_[i], other.joined_[i]);
}

void BarSeries::reserve(std::size_t count) {
  open_time_.reserve(count);
  close_time_.reserve(count);
  open_.reserve(count);
  high_.reserve(count);
  low_.reserve(count);
  close_.reserve(count);
  volume_.reserve(count);
  for (std::vector<double>& column : joined_) column.reserve(count);
}

Bar BarSeries::operator[](std::size_t index) const {
  assert(index < size());
  return {.open_time = open_time_[index],
          .close_time = close_time_[index],
          .open = open_[index],
          .high = high_[index],
          .low = low_[index],
          .close = close_[index],
          .volume = volume_[index]};
}

BarBlock BarSeries::block(std::size_t first, std::size_t count) const {
  assert(first <= size() && count <= size() - first);
  return {.open_time = std::span(open_time_).subspan(first, count),
          .close_time = std::span(close_time_).subspan(first, count),
          .open = std::span(open_).subspan(first, count),
          .high = std::span(high_).subspan(first, count),
          .low = std::span(low_).subspan(first, count),
          .close = std::span(close_).subspan(first, count),
          .volume = std::span(volume_).subspan(first, count),
          .series_joined = joined_,
          .series_first = first};
}

std::size_t BarSeries::count_known_at(TimeMs time) const {
  return static_cast<std::size_t>(std::upper_bound(close_time_.begin(), close_time_.end(), time) -
                                  close_time_.begin());
}

std::size_t BarSeries::count_opened_before(TimeMs time) const {
  return static_cast<std::size_t>(std::lower_bound(open_time_.begin(), open_time_.end(), time) -
                                  open_time_.begin());
}

BarSeries BarSeries::slice(std::size_t first, std::size_t last) const {
  assert(first <= last && last <= size());
  BarSeries part(joined_.size());
  part.open_time_ = copy_range(open_time_, first, last);
  part.close_time_ = copy_range(close_time_, first, last);
  part.open_ = copy_range(open_, first, last);
  part.high_ = copy_range(high_, first, last);
  part.low_ = copy_range(low_, first, last);
  part.close_ = copy_range(close_, first, last);
  part.volume_ = copy_range(volume_, first, last);
  for (std::size_t i = 0; i < joined_.size(); ++i) part.joined_[i] = copy_range(joined_[i], first, last);
  return part;
}

}  // namespace pawl
