#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace pawl {
namespace {

TEST(Random, GivesTheNumbersOfTheReference) {
  // xoshiro256** seeded by SplitMix64(0) and (42): computed by a program of its own in Python.
  Random zero(0);
  for (const std::uint64_t expected : {11091344671253066420u, 13793997310169335082u, 1900383378846508768u,
                                       7684712102626143532u, 13521403990117723737u}) {
    EXPECT_EQ(zero.next(), expected);
  }
  Random other(42);
  for (const std::uint64_t expected : {1546998764402558742u, 6990951692964543102u, 12544586762248559009u}) {
    EXPECT_EQ(other.next(), expected);
  }
}

TEST(Random, NormalsAreThoseOfTheReference) {
  Random random(7);
  for (const double expected : {0.9643618527255184, -1.0637531974798475, -0.3039301238656567,
                                -1.0989693210013467, 0.30479435832638674, 1.7083194561947417}) {
    EXPECT_NEAR(random.normal(), expected, 1e-15);
  }
}

TEST(Random, UniformFillsItsRangeEvenly) {
  Random random(1);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 5 * 0.2887 / std::sqrt(100'000));
}

TEST(Random, BelowIsUnbiased) {
  Random random(2);
  // A bound just over half of the range: with a plain remainder the low half would come up twice as often.
  const std::uint64_t bound = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
  int low = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t value = random.below(bound);
    ASSERT_LT(value, bound);
    low += value < bound / 3 ? 1 : 0;
  }
  EXPECT_NEAR(low, 10'000, 5 * std::sqrt(30'000 * 2.0 / 9));
  EXPECT_EQ(random.below(1), 0u);
  std::array<int, 6> die{};
  for (int i = 0; i < 60'000; ++i) ++die[random.below(6)];
  for (const int count : die) EXPECT_NEAR(count, 10'000, 5 * std::sqrt(60'000 * 5.0 / 36));
}

TEST(Random, NormalHasTheMomentsOfANormal) {
  Random random(3);
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0, fourths = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
    fourths += value * value * value * value;
  }
  EXPECT_NEAR(sum / kDraws, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(fourths / kDraws, 3, 5 * std::sqrt(96.0 / kDraws));
}

TEST(Random, DerivedSeedsDiffer) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (std::uint64_t stream = 0; stream < 100; ++stream) seeds.insert(derive_seed(seed, stream));
  }
  EXPECT_EQ(seeds.size(), 10'000u);
  EXPECT_NE(derive_seed(1, 2), derive_seed(2, 1)) << "the order counts";
}

}  // namespace
}  // namespace pawl
