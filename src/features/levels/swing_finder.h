// Finds swing highs and lows, each with the bar that confirms it.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace pawl::features {

// A swing high is a high above those of the k bars before it and not below those of the k bars after it, so
// that of equal highs in a row the first counts; it is known at the close of the k-th bar after it. Swing
// lows likewise.
class SwingFinder {
 public:
  explicit SwingFinder(std::size_t k) : k_(k), highs_(2 * k + 1), lows_(2 * k + 1) {}

  // What the newest bar confirms: that the bar k before it was a swing.
  struct Found {
    bool high = false, low = false;
    std::uint64_t made = 0;                // the number of that bar
    double high_price = 0, low_price = 0;  // and what it reached
  };
  // Bars come in order and are numbered from 0.
  Found update(double high, double low);
  std::uint64_t seen() const { return seen_; }

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  bool is_swing(const std::vector<double>& ring, std::size_t middle, double sign) const;

  std::size_t k_, at_ = 0;            // at_: where the next bar goes
  std::vector<double> highs_, lows_;  // of the last 2k + 1 bars, by number modulo that
  std::uint64_t seen_ = 0;
};

}  // namespace pawl::features
