// Recorded bars as the inputs of a live loop: batches of bars that close together and the ticks between them,
// in the very order in which replay feeds them, handed over when their instant has come.
#pragma once

#include <optional>
#include <vector>

#include "loop/loop.h"

namespace pawl::loop {

class Pacer {
 public:
  // One series a symbol, in the recipe's order; bars that close at or before `from` are left out.
  Pacer(std::vector<BarSeries> series, TimeMs from);

  // The instant of the next input; nothing once the last bar has been handed over.
  std::optional<TimeMs> next(const Loop& loop) const;
  // Hands over all that happens at that instant.
  Status feed(Loop& loop);
  std::size_t bars_left() const { return left_; }

 private:
  std::optional<TimeMs> next_close() const;

  std::vector<BarSeries> series_;
  std::vector<std::size_t> next_;  // by series
  std::optional<TimeMs> last_;     // the instant handed over last
  std::size_t left_ = 0;
};

}  // namespace pawl::loop
