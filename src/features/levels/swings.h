// Swing highs and lows, known only once enough bars have passed to confirm them.
#pragma once

#include <span>
#include <vector>

#include "features/levels/swing_finder.h"
#include "features/levels/touched_level.h"

namespace pawl::features {

// Kept are the newest kMost of each side that are not older than the lookback.
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
  void keep(std::vector<TouchedLevel>& levels, const TouchedLevel& level);

  SwingFinder finder_;
  std::size_t lookback_;
  std::vector<TouchedLevel> highs_, lows_;
};

}  // namespace pawl::features
