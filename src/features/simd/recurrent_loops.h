// Loops whose values hang together from bar to bar: averages that fade, and running totals.
#pragma once

#include <cstddef>

#include "features/simd/kernels.h"
#include "features/simd/values.h"

namespace pawl::features::simd {

namespace {

inline double first_lane(Four value) {
  double stored[kGroup];
  value.store(stored);
  return stored[0];
}

// The last of a group's faded or folded sums as far as it goes, g[0] … g[lane], in the order of operations of
// the whole group's.
template <class Join>
inline double pairwise(const double* g, std::size_t lane, double neutral, Join join) {
  const auto pair = [&](std::size_t i) { return join(g[i], i > 0 ? g[i - 1] : neutral, 1); };
  return join(pair(lane), lane > 1 ? pair(lane - 2) : neutral, 2);
}

// Σ kept^(j − i) · group_i over i ≤ j, for each j of a group.
inline Four faded_sums(Four group, Four kept, Four kept_2) {
  const Four none = Four::all(0);
  const Four pairs = group + kept * group.shifted_1(none);
  return pairs + kept_2 * pairs.shifted_2(none);
}

void decay(Decay& state, const double* x, std::size_t count, double* out) {
  const auto one = [&state](double value) {
    state.group[state.at] = state.added * value;
    const double sum = pairwise(state.group, state.at, 0, [&state](double a, double b, int step) {
      return a + (step == 1 ? state.kept : state.kept_2) * b;
    });
    const double level = state.powers[state.at] * state.level + sum;
    if (++state.at == kGroup) {
      state.level = level;
      state.at = 0;
    }
    return level;
  };
  std::size_t i = 0;
  for (; i < count && state.at > 0; ++i) out[i] = one(x[i]);
  if (i + kGroup <= count) {
    const Four added = Four::all(state.added), kept = Four::all(state.kept);
    const Four kept_2 = Four::all(state.kept_2), powers = Four::load(state.powers);
    // The newest level in all lanes: only this multiplication and addition wait for the group before.
    const Four last_power = Four::all(state.powers[kGroup - 1]);
    Four level = Four::all(state.level);
    for (; i + kGroup <= count; i += kGroup) {
      const Four sums = faded_sums(added * Four::load(x + i), kept, kept_2);
      (powers * level + sums).store(out + i);
      level = last_power * level + sums.last();
    }
    state.level = first_lane(level);
  }
  for (; i < count; ++i) out[i] = one(x[i]);
}

struct Sums {
  static constexpr double kNeutral = 0;
  template <class Value>
  static Value join(Value a, Value b) {
    return a + b;
  }
};
struct Greatest {
  static constexpr double kNeutral = -__builtin_inf();
  template <class Value>
  static Value join(Value a, Value b) {
    return greatest(a, b);
  }
};
struct Least {
  static constexpr double kNeutral = __builtin_inf();
  template <class Value>
  static Value join(Value a, Value b) {
    return least(a, b);
  }
};
// The fold of group_0 … group_j, for each j of a group; and for one j alone.
template <class Fold>
inline Four folds(Four group) {
  const Four neutral = Four::all(Fold::kNeutral);
  const Four pairs = Fold::join(group, group.shifted_1(neutral));
  return Fold::join(pairs, pairs.shifted_2(neutral));
}
template <class Fold>
inline double fold_of(const double* group, std::size_t lane) {
  return pairwise(group, lane, Fold::kNeutral, [](double a, double b, int) { return Fold::join(a, b); });
}

void total(Total& state, const double* x, std::size_t count, double* out) {
  const auto one = [&state](double value) {
    state.group[state.at] = value;
    const double sum = state.level + fold_of<Sums>(state.group, state.at);
    if (++state.at == kGroup) {
      state.level = sum;
      state.at = 0;
    }
    return sum;
  };
  std::size_t i = 0;
  for (; i < count && state.at > 0; ++i) out[i] = one(x[i]);
  if (i + kGroup <= count) {
    Four level = Four::all(state.level);
    for (; i + kGroup <= count; i += kGroup) {
      const Four sums = folds<Sums>(Four::load(x + i));
      (level + sums).store(out + i);
      level = level + sums.last();
    }
    state.level = first_lane(level);
  }
  for (; i < count; ++i) out[i] = one(x[i]);
}

}  // namespace

}  // namespace pawl::features::simd
