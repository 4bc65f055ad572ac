#include "serving/posted.h"

namespace pawl::serving {

BarBlock PostedWindow::closed() const {
  const std::size_t count = received() == 0 ? 0 : received() - 1;
  return {.open_time = std::span(open_time).first(count),
          .close_time = std::span(close_time).first(count),
          .open = std::span(open).first(count),
          .high = std::span(high).first(count),
          .low = std::span(low).first(count),
          .close = std::span(close).first(count),
          .volume = std::span(volume).first(count)};
}

Bar PostedWindow::bar(std::size_t index) const {
  return {.open_time = open_time[index],
          .close_time = close_time[index],
          .open = open[index],
          .high = high[index],
          .low = low[index],
          .close = close[index],
          .volume = volume[index]};
}

void PostedWindow::resize(std::size_t bars) {
  for (auto* times : {&open_time, &close_time}) times->resize(bars);
  for (auto* values : {&open, &high, &low, &close, &volume}) values->resize(bars);
}

void PostedWindows::clear() {
  used_ = 0;
  events = 0;
  debug = false;
  symbol_.reset();
}

PostedWindow& PostedWindows::add(Timeframe timeframe) {
  if (used_ == windows_.size()) windows_.emplace_back();
  PostedWindow& window = windows_[used_++];
  window.timeframe = timeframe;
  return window;
}

const PostedWindow* PostedWindows::find(Timeframe timeframe) const {
  for (const PostedWindow& window : windows()) {
    if (window.timeframe == timeframe) return &window;
  }
  return nullptr;
}

std::size_t PostedWindows::received(Timeframe timeframe) const {
  const PostedWindow* window = find(timeframe);
  return window == nullptr ? 0 : window->received();
}

}  // namespace pawl::serving
