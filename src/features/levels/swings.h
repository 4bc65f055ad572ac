// Swing highs and lows, known only once enough bars have passed to confirm them.
#pragma once

#include <span>
#include <vector>

#include "features/levels/touched_level.h"

namespace pawl::features {

// A swing high is a high above those of the k bars before it and not below those of the k bars after it, so
// that of equal highs in a row the first counts; it is known at the close of the k-th bar after it. Swing
// lows likewise. Kept are the newest kMost of each side that are not older than the lookback.
class Swings {
 public:
  static constexpr std::size_t kMost = 10;

  Swings(std::size_t k, std::size_t lookback);

  // Bars come in order, numbered from 0. `tolerance` is in price; NaN before there is one, and then nothing
  // touches.
  void update(std::uint64_t bar, double high, double low, double tolerance);

  std::span<const TouchedLevel> highs() const { return highs_; }  // oldest first
  std::span<const TouchedLevel> lows() const { return lows_; }

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  bool is_swing(std::span<const double> ring, double sign) const;
  void keep(std::vector<TouchedLevel>& levels, const TouchedLevel& level);

  std::size_t k_, lookback_;
  std::vector<double> high_ring_, low_ring_;  // of the last 2k + 1 bars, by number modulo that
  std::uint64_t seen_ = 0;
  std::vector<TouchedLevel> highs_, lows_;
};

}  // namespace pawl::features
