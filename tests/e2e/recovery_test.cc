// How recipe B comes back after the simulated market turns (F1): the numbers of docs/recovery.md, checked.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/json.h"
#include "support/long_tests.h"
#include "support/run_pawl.h"
#include "support/test_files.h"

namespace pawl {
namespace {

constexpr std::size_t kTriggerWithin = 720, kMedianWithin = 4'500, kNeverOver = 6'000;
constexpr double kStaysBelow = 0.10;

struct Flip {
  double level_before = 0;
  std::optional<std::size_t> bars_to_trigger, bars_to_recover;
  std::optional<double> level_highest;  // of any whole window before the next flip
};

std::vector<Flip> flips_of(int seed, int bars, const std::string& gate) {
  const test::Ran ran =
      test::run_pawl({"replay", "--recipe", (test::source_dir() / "config/crypto-live.yaml").string(),
                      "--memory", "-q", "--json", "--seed", std::to_string(seed), "--set",
                      "source.bars=" + std::to_string(bars), "--set", "source.flip_every_bars=13000", "--set",
                      "source.flip_jitter_bars=500", "--set", "gate.policy=" + gate},
                     {.timeout = std::chrono::seconds(600)});
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  const Result<Json> json = parse_json(ran.stdout_text);
  std::vector<Flip> flips;
  if (!json || !json->contains("recovery")) {
    ADD_FAILURE() << "no recovery in the report of seed " << seed;
    return flips;
  }
  const auto count = [](const Json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<std::size_t>());
  };
  for (const Json& one : json->at("recovery")) {
    flips.push_back({.level_before = one.at("level_before").get<double>(),
                     .bars_to_trigger = count(one.at("bars_to_trigger")),
                     .bars_to_recover = count(one.at("bars_to_recover")),
                     .level_highest = one.at("level_highest").is_null()
                                          ? std::nullopt
                                          : std::optional(one.at("level_highest").get<double>())});
  }
  return flips;
}

void expect_recovered(const Flip& flip, int seed) {
  ASSERT_TRUE(flip.bars_to_trigger) << "seed " << seed << ": no win-rate trigger after the flip";
  EXPECT_LE(*flip.bars_to_trigger, kTriggerWithin) << "seed " << seed;
  ASSERT_TRUE(flip.bars_to_recover) << "seed " << seed << ": not back at " << flip.level_before;
  EXPECT_LE(*flip.bars_to_recover, kNeverOver) << "seed " << seed;
}

TEST(Recovery, OneTurnOfTheMarketIsNoticedAndLearnt) {
  const std::vector<Flip> flips = flips_of(1, 19'500, "better");
  ASSERT_EQ(flips.size(), 1u);
  EXPECT_GT(flips[0].level_before, 0.9);
  expect_recovered(flips[0], 1);
}

TEST(Recovery, WithoutRetrainingItStaysDown) {
  const std::vector<Flip> flips = flips_of(1, 19'500, "never");
  ASSERT_EQ(flips.size(), 1u);
  // The first model has 600 rows to learn from and never gets another chance.
  EXPECT_GT(flips[0].level_before, 0.75);
  ASSERT_TRUE(flips[0].level_highest);
  EXPECT_LT(*flips[0].level_highest, flips[0].level_before - kStaysBelow);
}

class LongRecovery : public test::LongTest {};

TEST_F(LongRecovery, TenSeedsTwoTurnsEach) {
  std::vector<std::size_t> recovered;
  for (int seed = 1; seed <= 10; ++seed) {
    const std::vector<Flip> flips = flips_of(seed, 33'500, "better");
    ASSERT_EQ(flips.size(), 2u) << "seed " << seed;
    for (const Flip& flip : flips) {
      expect_recovered(flip, seed);
      recovered.push_back(flip.bars_to_recover.value_or(kNeverOver + 1));
    }
  }
  std::sort(recovered.begin(), recovered.end());
  EXPECT_LE(recovered[recovered.size() / 2], kMedianWithin);
}

}  // namespace
}  // namespace pawl
