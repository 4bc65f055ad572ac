// Bars of a low timeframe in, closed bars of a higher one out, on the market's grid. A higher bar is handed
// out only when it can be known: with the low bar that ends it, or with the first low bar after it.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "domain/bar_series.h"
#include "domain/calendar.h"

namespace pawl {

class Resampler {
 public:
  // The low bars must fill the higher ones (Timeframe::fills) and lie on the same calendar's grid.
  Resampler(Timeframe to, MarketCalendar calendar);

  // Takes the next low bar. At most two higher bars can close with it: `first` is one that earlier bars left
  // unfinished (a gap hid its end), `second` the one that this bar ends.
  struct Closed {
    std::optional<Bar> first, second;
  };
  Closed push(const Bar& bar);

  // The bar that is still forming, or nothing.
  const std::optional<Bar>& forming() const { return forming_; }
  void save(ByteWriter& out) const;
  // corrupt where the bytes are not those of a bar of this timeframe and calendar; then nothing changed.
  Status load(ByteReader& in);

 private:
  Timeframe to_;
  CalendarCursor calendar_;
  std::optional<Bar> forming_;
};

// The closed higher bars known at the close of the last low bar.
BarSeries resample(const BarSeries& bars, Timeframe to, const MarketCalendar& calendar);

}  // namespace pawl
