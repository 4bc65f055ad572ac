// How fast a policy comes back after the market has turned, on cases small enough to count by hand.
#include "loop/recovery.h"

#include <gtest/gtest.h>

namespace pawl::loop {
namespace {

using Sides = std::vector<std::optional<Side>>;

// "B" BUY, "S" SELL, "H" HOLD, "." nothing served.
Sides sides_of(std::string_view text) {
  Sides sides;
  for (const char c : text) {
    if (c == '.') {
      sides.emplace_back();
    } else {
      sides.emplace_back(c == 'B' ? Side::buy : c == 'S' ? Side::sell : Side::hold);
    }
  }
  return sides;
}

std::vector<signed char> always_up(std::size_t count) {
  return std::vector<signed char>(count, 1);
}

TEST(Recovery, CountsBarsToTheTriggerAndBackToTheLevel) {
  //                          0         1         2
  //                          0123456789012345678901234
  const Sides sides = sides_of("BBBBBBBBBBSSSSSSSSBBBBBBB");
  const auto found = measure_recovery(sides, always_up(25), std::vector<std::size_t>{10},
                                      std::vector<std::size_t>{4, 16}, {.window_bars = 4, .tolerance = 0});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].flip, 10U);
  EXPECT_EQ(found[0].level_before, 1.0);
  EXPECT_EQ(found[0].level_lowest, 0.0);
  EXPECT_EQ(found[0].bars_to_trigger, 6U) << "the trigger at bar 4 was before the flip";
  EXPECT_EQ(found[0].bars_to_recover, 12U) << "bars 18 to 21 are the first whole window of right sides";
  EXPECT_EQ(found[0].level_at_end, 1.0);
}

TEST(Recovery, TakesALevelWithinTheToleranceAsBack) {
  const Sides sides = sides_of("BBBBSSSSBBBS");
  const auto measure = [&](double tolerance) {
    return measure_recovery(sides, always_up(12), std::vector<std::size_t>{4}, {},
                            {.window_bars = 4, .tolerance = tolerance})[0];
  };
  EXPECT_EQ(measure(0.2).bars_to_recover, std::nullopt);
  EXPECT_EQ(measure(0.25).bars_to_recover, 7U);
  EXPECT_EQ(measure(0.25).level_at_end, 0.75);
  EXPECT_EQ(measure(0.25).bars_to_trigger, std::nullopt);
}

TEST(Recovery, LooksAtSignalsOnlyAndNeverPastTheNextFlip) {
  const Sides sides = sides_of("HH..SSBBBB");
  const std::vector<std::size_t> flips = {2, 6};
  const auto found =
      measure_recovery(sides, always_up(10), flips, std::vector<std::size_t>{7}, {.window_bars = 2});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].level_before, std::nullopt) << "HOLD is no signal";
  EXPECT_EQ(found[0].bars_to_trigger, std::nullopt) << "bar 7 is after the next flip";
  EXPECT_EQ(found[0].level_at_end, 0.0);
  EXPECT_EQ(found[1].level_before, 0.0);
  EXPECT_EQ(found[1].bars_to_trigger, 1U);
  EXPECT_EQ(found[1].level_at_end, 1.0);
}

TEST(Recovery, LeavesOutBarsWithoutATruth) {
  std::vector<signed char> truth = {1, 1, 0, 0, 1, -1, 0, 1};
  const auto found =
      measure_recovery(sides_of("BBSSBBSB"), truth, std::vector<std::size_t>{4}, {}, {.window_bars = 4});
  EXPECT_EQ(found[0].level_before, 1.0);
  EXPECT_DOUBLE_EQ(*found[0].level_at_end, 2.0 / 3);
}

TEST(Recovery, HasNoLevelBeforeAFlipWithoutAWholeWindow) {
  const auto found =
      measure_recovery(sides_of("BBBB"), always_up(4), std::vector<std::size_t>{1}, {}, {.window_bars = 2});
  EXPECT_EQ(found[0].level_before, std::nullopt);
  EXPECT_EQ(found[0].bars_to_recover, std::nullopt);
}

}  // namespace
}  // namespace pawl::loop
