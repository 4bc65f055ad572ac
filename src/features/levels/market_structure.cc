#include "features/levels/market_structure.h"

namespace pawl::features {

namespace {

void forget_older(MarketStructure::Side& side, std::uint64_t bar, std::uint64_t lookback) {
  for (std::optional<MarketStructure::Swing>* swing : {&side.last, &side.before}) {
    if (*swing && bar - (*swing)->made > lookback) swing->reset();
  }
}

void confirm(MarketStructure::Side& side, double price, std::uint64_t made) {
  side.before = side.last;
  side.last = {.price = price, .made = made};
}

// Whether a close is the first one beyond the last swing of a side.
bool breaks(MarketStructure::Side& side, double close, double sign) {
  if (!side.last || side.last->broken || sign * close <= sign * side.last->price) return false;
  side.last->broken = true;
  return true;
}

void save_side(const MarketStructure::Side& side, ByteWriter& out) {
  for (const std::optional<MarketStructure::Swing>& swing : {side.last, side.before}) {
    const MarketStructure::Swing value = swing.value_or(MarketStructure::Swing{});
    out.u8(swing ? 1 : 0);
    out.f64(value.price);
    out.u64(value.made);
    out.u8(value.broken ? 1 : 0);
  }
}

bool load_side(MarketStructure::Side& side, std::uint64_t seen, ByteReader& in) {
  for (std::optional<MarketStructure::Swing>* swing : {&side.last, &side.before}) {
    const bool there = in.u8() != 0;
    MarketStructure::Swing value;
    value.price = in.f64();
    value.made = in.u64();
    value.broken = in.u8() != 0;
    if (there && value.made >= seen) return false;
    *swing = there ? std::optional(value) : std::nullopt;
  }
  return true;
}

}  // namespace

MarketStructure::Break MarketStructure::update(double high, double low, double close) {
  const std::uint64_t bar = seen_++;
  for (Side* side : {&highs_, &lows_}) forget_older(*side, bar, lookback_);
  const SwingFinder::Found found = finder_.update(high, low);
  if (found.high) confirm(highs_, found.high_price, found.made);
  if (found.low) confirm(lows_, found.low_price, found.made);
  const bool up = breaks(highs_, close, 1), down = breaks(lows_, close, -1);
  if (up == down) return {};
  const int direction = up ? 1 : -1;
  const bool against = direction_ == -direction && bar - broke_at_ <= lookback_;
  direction_ = direction;
  broke_at_ = bar;
  return {.direction = direction, .against = against};
}

void MarketStructure::save(ByteWriter& out) const {
  out.u64(seen_);
  finder_.save(out);
  save_side(highs_, out);
  save_side(lows_, out);
  out.i64(direction_);
  out.u64(broke_at_);
}

bool MarketStructure::load(ByteReader& in) {
  seen_ = in.u64();
  if (!finder_.load(in) || !load_side(highs_, seen_, in) || !load_side(lows_, seen_, in)) return false;
  direction_ = static_cast<int>(in.i64());
  broke_at_ = in.u64();
  return broke_at_ <= seen_;
}

}  // namespace pawl::features
