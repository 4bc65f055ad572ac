// How a policy comes back after a market has turned: served signals measured against a truth that only a
// simulated market can tell, so that noise in the outcomes does not blur it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/side.h"

namespace pawl::loop {

struct FlipRecovery {
  std::size_t flip = 0;                               // bar from which on the old knowledge is wrong
  std::optional<double> level_before;                 // share of right signals over the window before it
  std::optional<double> level_lowest, level_highest;  // of all whole windows before the next flip
  std::optional<std::size_t> bars_to_trigger;         // to the first retrain for a low win rate after it
  std::optional<std::size_t> bars_to_recover;  // to the end of the first whole window back at the level
  std::optional<double> level_at_end;          // of the last window before the next flip, or the end
};

struct RecoveryRules {
  std::size_t window_bars = 500;
  double tolerance = 0.02;  // within this of the level before counts as back
};

// `sides` are the served sides by bar (nothing where none was served), `truth` the right ones (0: neither),
// `triggers` the bars at which a win-rate trigger fired, increasing. A window's level is the share of its
// signals with the right side; a window without signals has none.
std::vector<FlipRecovery> measure_recovery(std::span<const std::optional<Side>> sides,
                                           std::span<const signed char> truth,
                                           std::span<const std::size_t> flips,
                                           std::span<const std::size_t> triggers, const RecoveryRules& rules);

}  // namespace pawl::loop
