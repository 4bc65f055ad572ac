// What consecutive swings say of a market: whether its highs and lows rise or fall, and when a close breaks
// out of them. Everything is known k bars late, as swings are, and nothing older than the lookback counts.
#pragma once

#include <optional>

#include "features/levels/swing_finder.h"

namespace pawl::features {

class MarketStructure {
 public:
  MarketStructure(std::size_t k, std::size_t lookback) : finder_(k), lookback_(lookback) {}

  struct Swing {
    double price = 0;
    std::uint64_t made = 0;  // number of its bar
    bool broken = false;     // a close has been beyond it since it was confirmed
  };
  // The last swings of one side that are at most `lookback` bars old.
  struct Side {
    std::optional<Swing> last, before;
  };
  // A close beyond the last swing of a side, the first one beyond that swing.
  struct Break {
    int direction = 0;     // 1 above the last high, -1 below the last low, 0 none
    bool against = false;  // the last break, at most `lookback` bars ago, went the other way
  };

  // Bars come in order. Gives the break that this bar makes, none where it is beyond both at once.
  Break update(double high, double low, double close);

  const Side& highs() const { return highs_; }
  const Side& lows() const { return lows_; }
  std::uint64_t newest_bar() const { return seen_ - 1; }  // its number; not before the first update

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  SwingFinder finder_;
  std::uint64_t lookback_, seen_ = 0;
  Side highs_, lows_;
  int direction_ = 0;  // of the last break
  std::uint64_t broke_at_ = 0;
};

}  // namespace pawl::features
