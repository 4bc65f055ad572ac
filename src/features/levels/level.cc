#include "features/levels/level.h"

#include <algorithm>
#include <cmath>

namespace pawl::features {

namespace {

constexpr std::array<std::string_view, kLevelSources> kSourceNames = {"swing", "prior_day", "pivot",
                                                                      "round_number", "vwap"};
// Everybody sees yesterday's extremes; a round number is only a habit.
constexpr std::array<double, kLevelSources> kSourceWorth = {0.7, 1.0, 0.8, 0.5, 0.9};
constexpr double kSourcePoints = 40, kTouchPoints = 25, kRecencyPoints = 15, kConfluencePoints = 20;
constexpr std::size_t kMostTouches = 5, kMostOthers = 2;

}  // namespace

std::string_view name(LevelSource source) {
  return kSourceNames[static_cast<std::size_t>(source)];
}

std::string_view name(LevelType type) {
  return type == LevelType::support ? "support" : "resistance";
}

double strength_score(const LevelStanding& standing) {
  const auto touches = static_cast<double>(std::min(standing.touches, kMostTouches));
  const auto others = static_cast<double>(std::min(standing.other_sources, kMostOthers));
  return kSourcePoints * kSourceWorth[static_cast<std::size_t>(standing.source)] +
         kTouchPoints * touches / static_cast<double>(kMostTouches) + kRecencyPoints * standing.recency +
         kConfluencePoints * others / static_cast<double>(kMostOthers);
}

bool is_at_level(double distance_atr, double most_atr) {
  return std::fabs(distance_atr) <= most_atr;
}

}  // namespace pawl::features
