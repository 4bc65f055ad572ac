// Follows the support and resistance levels of one market bar by bar and says which is nearest to the close.
// Sources: swing highs and lows, yesterday's high, low and close, its floor pivots, round numbers, and the
// day's VWAP. The number of levels is bounded, and so is the work of a bar. docs/levels.md has the formulas.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "features/kinds/atr.h"
#include "features/levels/market_day.h"
#include "features/levels/round_numbers.h"
#include "features/levels/swings.h"

namespace pawl::features {

struct LevelSettings {
  std::size_t swing_bars = 10;  // k: bars on each side of a swing
  std::size_t atr_bars = 14;    // of Wilder's average true range
  std::size_t lookback = 500;   // bars that a swing is kept, and until a level's recency is 0
};

class LevelTracker {
 public:
  LevelTracker(const LevelSettings& settings, MarketCalendar calendar);

  // Takes the next bar and gives the level nearest to its close; nothing while there is no average true range
  // or where it is 0. Of levels equally near, the source that is worth more wins, then the newer one.
  std::optional<NearestLevel> update(const BarBlock& bars, std::size_t i);
  // The nearest level at or below the close of the last bar and the nearest above it, of equally near ones
  // that which wins above. Round numbers are on both sides. Only where update() gave a level.
  const LevelOnSide& support() const { return support_; }
  const LevelOnSide& resistance() const { return resistance_; }

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  struct Candidate {
    double price = 0, distance = std::numeric_limits<double>::infinity();  // in price, not below 0
    LevelSource source = LevelSource::swing;
    const TouchedLevel* level = nullptr;  // of those that can be touched

    bool loses_to(const Candidate& other) const;
  };
  struct Candidates {
    Candidate nearest, support, resistance;
  };
  void begin_day(double low, double high, double tolerance);
  Candidates find_nearest(double close, const RoundStep& step) const;
  LevelStanding standing(const Candidate& candidate) const;
  LevelOnSide on_side(const Candidate& candidate, double atr) const;
  std::size_t other_sources(const Candidate& candidate, const RoundStep& step, double tolerance) const;

  LevelSettings settings_;
  TrueRangeAverage atr_;
  MarketDay day_;
  Swings swings_;
  std::vector<TouchedLevel> prior_day_;  // high, low, close; empty where they are not known
  std::vector<TouchedLevel> pivots_;     // P, R1, S1, R2, S2; likewise
  LevelOnSide support_, resistance_;     // of the last bar
  std::uint64_t seen_ = 0;
};

}  // namespace pawl::features
