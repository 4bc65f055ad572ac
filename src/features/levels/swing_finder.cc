#include "features/levels/swing_finder.h"

namespace pawl::features {

SwingFinder::Found SwingFinder::update(std::uint64_t bar, double high, double low) {
  const std::size_t room = highs_.size();
  highs_[bar % room] = high;
  lows_[bar % room] = low;
  seen_ = bar + 1;
  if (seen_ < room) return {};
  const std::uint64_t made = bar - k_;
  return {.high = is_swing(highs_, 1),
          .low = is_swing(lows_, -1),
          .made = made,
          .high_price = highs_[made % room],
          .low_price = lows_[made % room]};
}

bool SwingFinder::is_swing(const std::vector<double>& ring, double sign) const {
  const std::uint64_t middle = seen_ - 1 - k_;
  const double value = sign * ring[middle % ring.size()];
  for (std::size_t i = 1; i <= k_; ++i) {
    if (sign * ring[(middle - i) % ring.size()] >= value) return false;
    if (sign * ring[(middle + i) % ring.size()] > value) return false;
  }
  return true;
}

void SwingFinder::save(ByteWriter& out) const {
  out.u64(seen_);
  out.doubles(highs_);
  out.doubles(lows_);
}

bool SwingFinder::load(ByteReader& in) {
  seen_ = in.u64();
  in.doubles_into(highs_);
  in.doubles_into(lows_);
  return in.ok();
}

}  // namespace pawl::features
