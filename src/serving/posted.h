// What a client posts with a request: a window of bars for each of several timeframes. Memory is used again
// from request to request.
#pragma once

#include <cassert>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "domain/bar_series.h"
#include "domain/symbol.h"
#include "domain/timeframe.h"

namespace pawl::serving {

// Bars of one timeframe in time order, each valid (find_fault) and on the calendar's grid; the last one is
// still forming.
struct PostedWindow {
  Timeframe timeframe = kM5;
  std::vector<TimeMs> open_time, close_time;
  std::vector<double> open, high, low, close, volume;

  std::size_t received() const { return open_time.size(); }
  // All but the forming one.
  BarBlock closed() const;
  Bar bar(std::size_t index) const;
  void resize(std::size_t bars);
};

class PostedWindows {
 public:
  void clear();
  // A window to resize and fill: it still holds what an earlier request's did, so that memory which is
  // overwritten anyway need not be cleared. Valid until the next add().
  PostedWindow& add(Timeframe timeframe);

  std::span<const PostedWindow> windows() const { return std::span(windows_).first(used_); }
  std::span<PostedWindow> windows() { return std::span(windows_).first(used_); }
  const PostedWindow* find(Timeframe timeframe) const;
  // How many bars of a timeframe were received, the forming one included; 0 without a window of it.
  std::size_t received(Timeframe timeframe) const;

  const Symbol& symbol() const {
    assert(symbol_);
    return *symbol_;
  }
  void set_symbol(Symbol symbol) { symbol_ = std::move(symbol); }
  bool has_symbol() const { return symbol_.has_value(); }

  std::size_t events = 0;  // calendar events that came along; nothing reads them
  bool debug = false;      // the client wants to see the features

 private:
  std::vector<PostedWindow> windows_;
  std::size_t used_ = 0;
  std::optional<Symbol> symbol_;
};

}  // namespace pawl::serving
