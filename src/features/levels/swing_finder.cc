#include "features/levels/swing_finder.h"

namespace pawl::features {

SwingFinder::Found SwingFinder::update(double high, double low) {
  const std::size_t room = highs_.size();
  highs_[at_] = high;
  lows_[at_] = low;
  at_ = at_ + 1 == room ? 0 : at_ + 1;
  if (++seen_ < room) return {};
  // The oldest bar is the one that is written to next, and k bars on is the middle.
  const std::size_t middle = at_ + k_ < room ? at_ + k_ : at_ + k_ - room;
  return {.high = is_swing(highs_, middle, 1),
          .low = is_swing(lows_, middle, -1),
          .made = seen_ - 1 - k_,
          .high_price = highs_[middle],
          .low_price = lows_[middle]};
}

bool SwingFinder::is_swing(const std::vector<double>& ring, std::size_t middle, double sign) const {
  const double value = sign * ring[middle];
  std::size_t before = middle, after = middle;
  for (std::size_t i = 0; i < k_; ++i) {
    before = before == 0 ? ring.size() - 1 : before - 1;
    after = after + 1 == ring.size() ? 0 : after + 1;
    if (sign * ring[before] >= value || sign * ring[after] > value) return false;
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
  at_ = static_cast<std::size_t>(seen_ % highs_.size());
  return in.ok();
}

}  // namespace pawl::features
