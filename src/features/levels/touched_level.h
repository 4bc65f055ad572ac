// A level that stays where it is, and what happens at it.
#pragma once

#include "base/bytes.h"
#include "features/levels/level.h"

namespace pawl::features {

// How near counts as at a level, in ATR: for touches and for levels of several sources that meet.
inline constexpr double kLevelToleranceAtr = 0.25;

class TouchedLevel {
 public:
  TouchedLevel() = default;
  // Made by bar `made`; known since a later one, whose range reached from `low` to `high`. Bars are numbered
  // as the caller likes, upwards; `tolerance` is in price.
  TouchedLevel(double price, std::uint64_t made, double low, double high, double tolerance)
      : price_(price), made_(made), newest_(made), touching_(reached(low, high, tolerance)) {}

  // The next bar after that. A touch begins with the first bar that reaches the level after one that did not.
  void update(std::uint64_t bar, double low, double high, double tolerance) {
    const bool touching = reached(low, high, tolerance);
    if (touching && !touching_) {
      ++touches_;
      newest_ = bar;
    }
    touching_ = touching;
  }

  double price() const { return price_; }
  std::uint64_t made() const { return made_; }
  std::size_t touches() const { return touches_; }
  // Bars since it was made or last touched.
  std::uint64_t age(std::uint64_t bar) const { return bar - newest_; }
  LevelStanding standing(LevelSource source, std::uint64_t bar, std::size_t lookback) const {
    const double age = static_cast<double>(bar - newest_) / static_cast<double>(lookback);
    return {.source = source, .touches = touches_, .recency = age < 1 ? 1 - age : 0};
  }

  void save(ByteWriter& out) const {
    out.f64(price_);
    out.u64(made_);
    out.u64(newest_);
    out.u64(touches_);
    out.u8(touching_ ? 1 : 0);
  }
  bool load(ByteReader& in) {
    price_ = in.f64();
    made_ = in.u64();
    newest_ = in.u64();
    touches_ = in.u64();
    touching_ = in.u8() != 0;
    return made_ <= newest_;
  }

 private:
  bool reached(double low, double high, double tolerance) const {
    return low - tolerance <= price_ && price_ <= high + tolerance;
  }

  double price_ = 0;
  std::uint64_t made_ = 0, newest_ = 0;  // newest_: made or last touched
  std::size_t touches_ = 0;
  bool touching_ = false;
};

}  // namespace pawl::features
