// The market's present day and the one before it, bar by bar. A bar belongs to the day that it opens in.
#pragma once

#include "base/bytes.h"
#include "domain/bar_series.h"
#include "features/feature.h"

namespace pawl::features {

// What a day was. NaN where it is not known.
struct DayRange {
  double high, low, close;
};

// A series may begin in the middle of a day. What is left of that day says nothing of the whole, so it is
// unknown, both while it lasts and as the day before the next one.
class MarketDay {
 public:
  explicit MarketDay(MarketCalendar calendar);

  void update(const BarBlock& bars, std::size_t i);

  // True where the newest bar is the first one of its day.
  bool just_begun() const { return just_begun_; }
  // So far today, the newest bar included; NaN where today's beginning was not seen.
  double high() const;
  double low() const;
  // Σ typical price · volume / Σ volume of today's bars, typical = (H + L + C) / 3; NaN where there was no
  // volume.
  double vwap() const;
  // The last day before this one that had bars.
  const DayRange& prior() const { return prior_; }

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  MarketCalendar calendar_;
  TimeMs from_ = 0, to_ = 0;  // today; both 0 before the first bar
  bool just_begun_ = false, whole_ = false;
  DayRange today_, prior_;
  double traded_ = 0, volume_ = 0;
};

// The classic floor pivots of a day: P = (H + L + C) / 3, R1 = 2P − L, S1 = 2P − H, R2 = P + (H − L),
// S2 = P − (H − L).
struct FloorPivots {
  double p, r1, s1, r2, s2;
};
FloorPivots floor_pivots(const DayRange& day);

// The most bars that a day of this market can have; 1 from D1 on.
std::size_t most_bars_a_day(const Market& market);

}  // namespace pawl::features
