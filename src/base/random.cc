#include "base/random.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

namespace pawl {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15u;

// The output function of SplitMix64: a bijection whose every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// ln(x) from basic operations only. The C library's may differ in the last bit from machine to machine,
// and the promise of this file is the same numbers everywhere.
double portable_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < std::numbers::sqrt2 / 2) {
    mantissa *= 2;
    --exponent;
  }
  // ln m = 2 atanh(t) with |t| < 0.172: fifteen terms are beyond a double's precision.
  const double t = (mantissa - 1) / (mantissa + 1);
  const double square = t * t;
  double sum = 0;
  for (int k = 29; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * t * sum + exponent * std::numbers::ln2;
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += kGolden;
    word = mix(seed);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::uint64_t Random::below(std::uint64_t bound) {
  assert(bound > 0);
  // 2^64 mod bound: draws under it would make the small results more likely than the large ones.
  const std::uint64_t uneven = (0 - bound) % bound;
  std::uint64_t draw = next();
  while (draw < uneven) draw = next();
  return draw % bound;
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0, v = 0, square = 0;
  do {
    u = 2 * uniform() - 1;
    v = 2 * uniform() - 1;
    square = u * u + v * v;
  } while (square >= 1 || square == 0);
  const double factor = std::sqrt(-2 * portable_log(square) / square);
  spare_ = v * factor;
  has_spare_ = true;
  return u * factor;
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream) {
  return mix(mix(seed + kGolden) + stream * kGolden + kGolden);
}

}  // namespace pawl
