#include "features/levels/swings.h"

namespace pawl::features {

Swings::Swings(std::size_t k, std::size_t lookback) : finder_(k), lookback_(lookback) {
  highs_.reserve(kMost);
  lows_.reserve(kMost);
}

void Swings::update(std::uint64_t bar, double high, double low, double tolerance) {
  for (auto* levels : {&highs_, &lows_}) {
    while (!levels->empty() && bar - levels->front().made() > lookback_) levels->erase(levels->begin());
    for (TouchedLevel& level : *levels) level.update(bar, low, high, tolerance);
  }
  const SwingFinder::Found found = finder_.update(high, low);
  if (found.high) keep(highs_, TouchedLevel(found.high_price, found.made, low, high, tolerance));
  if (found.low) keep(lows_, TouchedLevel(found.low_price, found.made, low, high, tolerance));
}

void Swings::keep(std::vector<TouchedLevel>& levels, const TouchedLevel& level) {
  if (levels.size() == kMost) levels.erase(levels.begin());
  levels.push_back(level);
}

void Swings::save(ByteWriter& out) const {
  finder_.save(out);
  for (const auto* levels : {&highs_, &lows_}) {
    out.u64(levels->size());
    for (const TouchedLevel& level : *levels) level.save(out);
  }
}

bool Swings::load(ByteReader& in) {
  if (!finder_.load(in)) return false;
  for (auto* levels : {&highs_, &lows_}) {
    const std::uint64_t count = in.u64();
    if (!in.ok() || count > kMost) return false;
    levels->resize(count);
    for (TouchedLevel& level : *levels) {
      if (!level.load(in) || level.made() >= finder_.seen()) return false;
    }
  }
  return true;
}

}  // namespace pawl::features
