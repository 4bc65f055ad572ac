// A price at which a market may turn, and how much there is to say for it. docs/levels.md has the formulas.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pawl::features {

// In the order of their codes, which level_source() and logs use.
enum class LevelSource : std::uint8_t { swing, prior_day, pivot, round_number, vwap };
inline constexpr std::size_t kLevelSources = 5;

// A level at or below the close is support, one above it is resistance.
enum class LevelType : std::uint8_t { support, resistance };

// "swing", "prior_day", "pivot", "round_number", "vwap"; "support", "resistance".
std::string_view name(LevelSource source);
std::string_view name(LevelType type);

// What is known of one level besides its price.
struct LevelStanding {
  LevelSource source = LevelSource::swing;
  std::size_t touches = 0;        // times the price came back to it, since it is known
  double recency = 0;             // 1 where it was made or touched with this bar, 0 a lookback ago
  std::size_t other_sources = 0;  // that have a level within the tolerance of it
};

// 0 to 100: 40 for what the source is worth, 25 for touches, 15 for recency, 20 for confluence.
double strength_score(const LevelStanding& standing);

// The level nearest to a close.
struct NearestLevel {
  double price = 0;
  double distance_atr = 0;  // (close − price) / ATR: not below 0 at support, below 0 at resistance
  double strength = 0;      // 0 to 100
  LevelType type = LevelType::support;
  LevelSource source = LevelSource::swing;
};

// The level nearest to a close on one side of it.
struct LevelOnSide {
  double distance_atr = 0;  // |close − price| / ATR
  std::size_t touches = 0;  // times the price came back to it, since it is known
  double age = 0;  // bars since it was made or last touched; of a round number the lookback, of VWAP 0
};

// How near a signal must be to a level where nothing else is said, in ATR.
inline constexpr double kSignalDistanceAtr = 0.25;
// True within `most_atr` of the level on either side, the edge included; false where the distance is missing.
bool is_at_level(double distance_atr, double most_atr = kSignalDistanceAtr);

}  // namespace pawl::features
