// Randomness with a seed: the same seed gives the same numbers on every machine. The standard library's
// distributions do not promise that, so the few that are needed are here.
#pragma once

#include <cstdint>
#include <span>

namespace pawl {

// xoshiro256** (Blackman, Vigna 2018), seeded through SplitMix64. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  // In [0, 1), 53 bits.
  double uniform();
  // In [0, bound), unbiased; bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Standard normal, Marsaglia's polar method.
  double normal();

 private:
  std::uint64_t state_[4];
  double spare_ = 0;
  bool has_spare_ = false;
};

// A seed for a part of the work, so that parts do not share a stream: mixes the words in order.
std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t stream);

}  // namespace pawl
