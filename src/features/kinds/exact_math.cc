#include "features/kinds/exact_math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

namespace pawl::features {

double exact_log(double value) {
  if (!(value > 0) || value > std::numeric_limits<double>::max()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  int exponent = 0;
  if (value < std::numeric_limits<double>::min()) {
    value *= 0x1p54;
    exponent = -54;
  }
  // value = mantissa · 2^exponent with the mantissa in [√½, √2), where the series is short. In bits: what
  // lies above √½, in whole powers of two. No branch: on ratios around 1 it would be a coin toss each time.
  constexpr std::uint64_t kRootOfHalf = 0x3fe6a09e667f3bcdU;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto powers = static_cast<std::int64_t>(bits - kRootOfHalf) >> 52;
  exponent += static_cast<int>(powers);
  const double mantissa = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(powers) << 52));
  // log m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1), |s| < 0.172.
  const double f = mantissa - 1;
  const double s = f / (mantissa + 1);
  const double z = s * s;
  // Summed in four groups, which do not wait for each other.
  const double z2 = z * z, z4 = z2 * z2;
  const double terms_0_3 = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
  const double terms_4_7 = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
  const double terms_8_10 = (1.0 / 19 + z * (1.0 / 21)) + z2 * (1.0 / 23);
  const double series = terms_0_3 + z4 * (terms_4_7 + z4 * terms_8_10);
  // 2s = f − s·f exactly; the first term f has no rounding, so the small ones carry all of it.
  const double log_mantissa_rest = s * (2 * z * series - f);
  const double e = exponent;
  // ln 2 in two parts: e · high is exact.
  constexpr double kHigh = 0x1.62e42fefap-1;
  constexpr double kLow = 0x1.cf79abc9e3b398p-40;
  return e * kHigh + (f + (log_mantissa_rest + e * kLow));
}

namespace {

// Sine and cosine of x in [−π/4, π/4].
double short_sin(double x) {
  const double z = x * x;
  double series = -1.0 / 1307674368000.0;  // −1/15!
  series = series * z + 1.0 / 6227020800.0;
  series = series * z - 1.0 / 39916800.0;
  series = series * z + 1.0 / 362880.0;
  series = series * z - 1.0 / 5040.0;
  series = series * z + 1.0 / 120.0;
  series = series * z - 1.0 / 6.0;
  return x + x * z * series;
}

double short_cos(double x) {
  const double z = x * x;
  double series = 1.0 / 20922789888000.0;  // 1/16!
  series = series * z - 1.0 / 87178291200.0;
  series = series * z + 1.0 / 479001600.0;
  series = series * z - 1.0 / 3628800.0;
  series = series * z + 1.0 / 40320.0;
  series = series * z - 1.0 / 720.0;
  series = series * z + 1.0 / 24.0;
  series = series * z - 0.5;
  return 1 + z * series;
}

}  // namespace

double exact_sin_of_turn(double turn) {
  const int quarter = static_cast<int>(turn * 4 + 0.5);
  const double x = (turn - quarter * 0.25) * (2 * std::numbers::pi);
  const double value = (quarter & 1) != 0 ? short_cos(x) : short_sin(x);
  return (quarter & 2) != 0 ? -value : value;
}

double exact_cos_of_turn(double turn) {
  const int quarter = static_cast<int>(turn * 4 + 0.5);
  const double x = (turn - quarter * 0.25) * (2 * std::numbers::pi);
  const double value = (quarter & 1) != 0 ? short_sin(x) : short_cos(x);
  return ((quarter + 1) & 2) != 0 ? -value : value;
}

}  // namespace pawl::features
