#include "features/levels/swings.h"

namespace pawl::features {

Swings::Swings(std::size_t k, std::size_t lookback)
    : k_(k), lookback_(lookback), high_ring_(2 * k + 1), low_ring_(2 * k + 1) {
  highs_.reserve(kMost);
  lows_.reserve(kMost);
}

void Swings::update(std::uint64_t bar, double high, double low, double tolerance) {
  const std::size_t room = high_ring_.size();
  high_ring_[bar % room] = high;
  low_ring_[bar % room] = low;
  seen_ = bar + 1;
  for (auto* levels : {&highs_, &lows_}) {
    while (!levels->empty() && bar - levels->front().made() > lookback_) levels->erase(levels->begin());
    for (TouchedLevel& level : *levels) level.update(bar, low, high, tolerance);
  }
  if (seen_ < room) return;
  const std::uint64_t made = bar - k_;
  if (is_swing(high_ring_, 1)) {
    keep(highs_, TouchedLevel(high_ring_[made % room], made, low, high, tolerance));
  }
  if (is_swing(low_ring_, -1)) {
    keep(lows_, TouchedLevel(low_ring_[made % room], made, low, high, tolerance));
  }
}

bool Swings::is_swing(std::span<const double> ring, double sign) const {
  const std::uint64_t middle = seen_ - 1 - k_;
  const double value = sign * ring[middle % ring.size()];
  for (std::size_t i = 1; i <= k_; ++i) {
    if (sign * ring[(middle - i) % ring.size()] >= value) return false;
    if (sign * ring[(middle + i) % ring.size()] > value) return false;
  }
  return true;
}

void Swings::keep(std::vector<TouchedLevel>& levels, const TouchedLevel& level) {
  if (levels.size() == kMost) levels.erase(levels.begin());
  levels.push_back(level);
}

void Swings::save(ByteWriter& out) const {
  out.u64(seen_);
  out.doubles(high_ring_);
  out.doubles(low_ring_);
  for (const auto* levels : {&highs_, &lows_}) {
    out.u64(levels->size());
    for (const TouchedLevel& level : *levels) level.save(out);
  }
}

bool Swings::load(ByteReader& in) {
  seen_ = in.u64();
  in.doubles_into(high_ring_);
  in.doubles_into(low_ring_);
  for (auto* levels : {&highs_, &lows_}) {
    const std::uint64_t count = in.u64();
    if (!in.ok() || count > kMost) return false;
    levels->resize(count);
    for (TouchedLevel& level : *levels) {
      if (!level.load(in) || level.made() >= seen_) return false;
    }
  }
  return true;
}

}  // namespace pawl::features
