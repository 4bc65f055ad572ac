#include "loop/recovery.h"

#include <algorithm>
#include <cassert>

namespace pawl::loop {

namespace {

// Running counts of signals and of right ones, so that any window's level is two subtractions.
class Levels {
 public:
  Levels(std::span<const std::optional<Side>> sides, std::span<const signed char> truth)
      : signals_(sides.size() + 1), right_(sides.size() + 1) {
    assert(sides.size() == truth.size());
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const bool signal = sides[i] && *sides[i] != Side::hold && truth[i] != 0;
      const bool right = signal && static_cast<signed char>(*sides[i]) == truth[i];
      signals_[i + 1] = signals_[i] + (signal ? 1 : 0);
      right_[i + 1] = right_[i] + (right ? 1 : 0);
    }
  }
  // Of bars [from, to).
  std::optional<double> level(std::size_t from, std::size_t to) const {
    const std::size_t signals = signals_[to] - signals_[from];
    if (signals == 0) return std::nullopt;
    return static_cast<double>(right_[to] - right_[from]) / static_cast<double>(signals);
  }

 private:
  std::vector<std::size_t> signals_, right_;
};

}  // namespace

std::vector<FlipRecovery> measure_recovery(std::span<const std::optional<Side>> sides,
                                           std::span<const signed char> truth,
                                           std::span<const std::size_t> flips,
                                           std::span<const std::size_t> triggers,
                                           const RecoveryRules& rules) {
  const Levels levels(sides, truth);
  const std::size_t window = rules.window_bars;
  std::vector<FlipRecovery> found;
  for (std::size_t i = 0; i < flips.size(); ++i) {
    FlipRecovery recovery;
    recovery.flip = flips[i];
    const std::size_t end = i + 1 < flips.size() ? flips[i + 1] : sides.size();
    if (recovery.flip >= window) recovery.level_before = levels.level(recovery.flip - window, recovery.flip);
    const auto trigger = std::lower_bound(triggers.begin(), triggers.end(), recovery.flip);
    if (trigger != triggers.end() && *trigger < end) recovery.bars_to_trigger = *trigger - recovery.flip;
    for (std::size_t to = recovery.flip + window; to <= end; ++to) {
      const std::optional<double> level = levels.level(to - window, to);
      if (!level) continue;
      recovery.level_lowest = std::min(recovery.level_lowest.value_or(*level), *level);
      recovery.level_highest = std::max(recovery.level_highest.value_or(*level), *level);
      recovery.level_at_end = level;
      if (!recovery.bars_to_recover && recovery.level_before &&
          *level >= *recovery.level_before - rules.tolerance) {
        recovery.bars_to_recover = to - recovery.flip;
      }
    }
    found.push_back(recovery);
  }
  return found;
}

}  // namespace pawl::loop
