// The length of a bar: M1 M5 M15 M30 H1 H2 H4 H6 H8 H12 D1 W1.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace pawl {

class Timeframe {
 public:
  // Reads "H1", "h1", "1h", "60m", "M5", "5m", "5min", "1d", "D1" and so on; invalid_argument elsewhere.
  static Result<Timeframe> parse(std::string_view text);
  static constexpr Timeframe minutes(int count) { return Timeframe(count); }

  constexpr int minutes() const { return minutes_; }
  constexpr DurationMs duration_ms() const { return minutes_ * kMinuteMs; }
  std::string name() const;  // "H1"
  // True where bars of this timeframe fill bars of `higher` without crossing their edges: H1 fills H4, H4
  // does not fill H6.
  constexpr bool fills(Timeframe higher) const { return higher.minutes_ % minutes_ == 0; }
  friend constexpr auto operator<=>(Timeframe, Timeframe) = default;

 private:
  constexpr explicit Timeframe(int minutes) : minutes_(minutes) {}
  int minutes_;
};

inline constexpr Timeframe kM1 = Timeframe::minutes(1);
inline constexpr Timeframe kM5 = Timeframe::minutes(5);
inline constexpr Timeframe kM15 = Timeframe::minutes(15);
inline constexpr Timeframe kH1 = Timeframe::minutes(60);
inline constexpr Timeframe kH4 = Timeframe::minutes(240);
inline constexpr Timeframe kD1 = Timeframe::minutes(1440);
inline constexpr Timeframe kW1 = Timeframe::minutes(10080);

}  // namespace pawl
