// The loops of kernels.h over any sort of Four. Included by one file for each, behind the header that says
// what Four is there: everything is of that file alone (an unnamed namespace), so that no function compiled
// for wide registers can be linked in where a narrow one was meant.
#pragma once

#include <cstddef>

#include "features/simd/kernels.h"

namespace pawl::features::simd {

namespace {

// A group that is not whole: what fills it changes no lane before it.
inline Four load_some(const double* from, std::size_t count) {
  double values[kGroup] = {1, 1, 1, 1};
  for (std::size_t i = 0; i < count; ++i) values[i] = from[i];
  return Four::load(values);
}
inline void store_some(Four values, std::size_t first, std::size_t last, double* to) {
  double stored[kGroup];
  values.store(stored);
  for (std::size_t i = first; i < last; ++i) to[i] = stored[i];
}

template <class Body, class... From>
inline void map(std::size_t count, double* out, Body body, const From*... from) {
  std::size_t i = 0;
  for (; i + kGroup <= count; i += kGroup) body(Four::load(from + i)...).store(out + i);
  if (i < count) store_some(body(load_some(from + i, count - i)...), 0, count - i, out + i);
}

inline Four missing() {
  return Four::all(__builtin_nan(""));
}
inline Four finite(Four value) {
  return choose(equal(value - value, Four::all(0)), value, missing());
}

void add(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](Four x, Four y) { return finite(x + y); }, a, b);
}
void subtract(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](Four x, Four y) { return finite(x - y); }, a, b);
}
void multiply(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](Four x, Four y) { return finite(x * y); }, a, b);
}
void divide(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](Four x, Four y) { return finite(x / y); }, a, b);
}
void place(const double* x, const double* low, const double* high, double flat, std::size_t count,
           double* out) {
  map(
      count, out,
      [flat](Four value, Four bottom, Four top) {
        const Four span = top - bottom;
        const Four found = choose(above(span, Four::all(0)), (value - bottom) / span, Four::all(flat));
        return finite(found + (span - span) + (value - value));
      },
      x, low, high);
}
bool any_missing(const double* x, std::size_t count) {
  std::size_t i = 0;
  for (; i + kGroup <= count; i += kGroup) {
    const Four values = Four::load(x + i);
    if (any(unordered(values, values))) return true;
  }
  for (; i < count; ++i) {
    if (x[i] != x[i]) return true;
  }
  return false;
}

// Σ kept^(j − i) · group_i over i ≤ j, for each j of a group.
inline Four faded_sums(Four group, Four kept, Four kept_2) {
  const Four none = Four::all(0);
  const Four pairs = group + kept * group.shifted_1(none);
  return pairs + kept_2 * pairs.shifted_2(none);
}

void decay(Decay& state, const double* x, std::size_t count, double* out) {
  const Four added = Four::all(state.added), kept = Four::all(state.kept);
  const Four kept_2 = Four::all(state.kept_2), powers = Four::load(state.powers);
  const auto unfinished = [&](const double* from, std::size_t more, double* to) {
    for (std::size_t i = 0; i < more; ++i) state.group[state.at + i] = from[i];
    const Four sums = faded_sums(added * Four::load(state.group), kept, kept_2);
    const Four levels = powers * Four::all(state.level) + sums;
    const std::size_t end = state.at + more;
    double stored[kGroup];
    levels.store(stored);
    for (std::size_t i = state.at; i < end; ++i) to[i - state.at] = stored[i];
    if (end == kGroup) state.level = stored[kGroup - 1];
    state.at = end % kGroup;
  };
  std::size_t i = 0;
  if (state.at > 0) {
    i = kGroup - state.at < count ? kGroup - state.at : count;
    unfinished(x, i, out);
  }
  if (i + kGroup <= count) {
    // The newest level in all lanes: only this multiplication and addition wait for the group before.
    const Four last_power = Four::all(state.powers[kGroup - 1]);
    Four level = Four::all(state.level);
    for (; i + kGroup <= count; i += kGroup) {
      const Four sums = faded_sums(added * Four::load(x + i), kept, kept_2);
      (powers * level + sums).store(out + i);
      level = last_power * level + sums.last();
    }
    double stored[kGroup];
    level.store(stored);
    state.level = stored[0];
  }
  if (i < count) unfinished(x + i, count - i, out + i);
}

// Σ group_i over i ≤ j, for each j of a group; for the greatest and the least likewise.
struct Sums {
  static Four neutral() { return Four::all(0); }
  static Four join(Four a, Four b) { return a + b; }
};
struct Greatest {
  static Four neutral() { return Four::all(-__builtin_inf()); }
  static Four join(Four a, Four b) { return greatest(a, b); }
};
struct Least {
  static Four neutral() { return Four::all(__builtin_inf()); }
  static Four join(Four a, Four b) { return least(a, b); }
};
template <class Fold>
inline Four folds(Four group) {
  const Four pairs = Fold::join(group, group.shifted_1(Fold::neutral()));
  return Fold::join(pairs, pairs.shifted_2(Fold::neutral()));
}

void total(Total& state, const double* x, std::size_t count, double* out) {
  std::size_t i = 0;
  while (i < count) {
    if (state.at == 0 && i + kGroup <= count) {
      Four level = Four::all(state.level);
      for (; i + kGroup <= count; i += kGroup) {
        const Four sums = folds<Sums>(Four::load(x + i));
        (level + sums).store(out + i);
        level = level + sums.last();
      }
      double stored[kGroup];
      level.store(stored);
      state.level = stored[0];
      continue;
    }
    const std::size_t more = kGroup - state.at < count - i ? kGroup - state.at : count - i;
    for (std::size_t j = 0; j < more; ++j) state.group[state.at + j] = x[i + j];
    double stored[kGroup];
    (Four::all(state.level) + folds<Sums>(Four::load(state.group))).store(stored);
    for (std::size_t j = 0; j < more; ++j) out[i + j] = stored[state.at + j];
    state.at += more;
    if (state.at == kGroup) {
      state.level = stored[kGroup - 1];
      state.at = 0;
    }
    i += more;
  }
}

// What is folded of a value: itself, its distance from the origin, or the square of that.
inline Four itself(Four value, Four) {
  return value;
}
inline Four distance(Four value, Four origin) {
  return value - origin;
}
inline Four square(Four value, Four origin) {
  const Four d = value - origin;
  return d * d;
}

// ends[i]: the fold of the older run's values i … n − 1, with the newer run's origin.
template <class Fold, Four (*part)(Four, Four)>
inline void fold_ends(std::size_t n, double origin, const double* values, double* ends) {
  const Four from = Four::all(origin);
  Four base = Fold::neutral();
  for (std::size_t left = n; left > 1;) {
    // The lanes before the first value hold anything and lie behind what they could change.
    const Four group = part(Four::load(values + left - kGroup), from).reversed();
    const Four sums = folds<Fold>(group);
    Fold::join(base, sums).reversed().store(ends + left - kGroup);
    base = Fold::join(base, sums.last());
    left = left > kGroup ? left - kGroup : 0;
  }
}

inline double first_lane(Four value) {
  double stored[kGroup];
  value.store(stored);
  return stored[0];
}

// Goes over x in pieces that lie within one run and calls piece(first, last, from): the run's values
// [first, last) are new and come from x + from.
template <class Begin, class Piece>
inline void for_runs(RunFold& state, double* values, const double* x, std::size_t count, Begin begin,
                     Piece piece) {
  for (std::size_t i = 0; i < count;) {
    if (state.at == state.n) {
      // The window contains the first value of its newer run from here to the run's end: an origin that keeps
      // sums, and the squares above all, as small as the window's own spread.
      state.origin = x[i];
      state.at = 0;
      begin();
    }
    const std::size_t more = state.n - state.at < count - i ? state.n - state.at : count - i;
    for (std::size_t j = 0; j < more; ++j) values[state.at + j] = x[i + j];
    const std::size_t first = state.at, last = state.at + more;
    state.at = last;
    piece(first, last, i);
    if (last == state.n) state.full = true;
    i += more;
  }
}

// Writes lanes [first, last) of the run's group that begins at `group`.
inline void store_piece(Four values, std::size_t group, std::size_t first, std::size_t last, double* out) {
  if (first <= group && group + kGroup <= last) {
    values.store(out + (group - first));
    return;
  }
  double stored[kGroup];
  values.store(stored);
  const std::size_t begin = first > group ? first : group;
  const std::size_t end = group + kGroup < last ? group + kGroup : last;
  for (std::size_t i = begin; i < end; ++i) out[i - first] = stored[i - group];
}

// Before the first window is full there is nothing to say but at its last value.
inline void hide_beginning(const RunFold& state, std::size_t first, std::size_t last, double* out) {
  if (state.full) return;
  for (std::size_t i = first; i < last && i + 1 < state.n; ++i) out[i - first] = __builtin_nan("");
}

template <class Fold, Four (*part)(Four, Four), class Finish>
inline void window(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                   double* out, Finish finish) {
  const auto begin = [&] {
    state.base = first_lane(Fold::neutral());
    if (state.full) fold_ends<Fold, part>(state.n, state.origin, values, ends);
  };
  for_runs(state, values, x, count, begin, [&](std::size_t first, std::size_t last, std::size_t from) {
    const Four origin = Four::all(state.origin);
    Four base = Four::all(state.base);
    for (std::size_t group = first & ~(kGroup - 1); group < last; group += kGroup) {
      const Four sums = folds<Fold>(part(Four::load(values + group), origin));
      const Four whole = Fold::join(Four::load(ends + group + 1), Fold::join(base, sums));
      store_piece(finish(whole, origin), group, first, last, out + from);
      if (group + kGroup <= last) base = Fold::join(base, sums.last());
    }
    state.base = first_lane(base);
    hide_beginning(state, first, last, out + from);
  });
}

void window_mean(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                 double* out) {
  const Four share = Four::all(1 / static_cast<double>(state.n));
  window<Sums, distance>(state, values, ends, x, count, out,
                         [share](Four sum, Four origin) { return origin + sum * share; });
}
void window_sum(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                double* out) {
  const Four n = Four::all(static_cast<double>(state.n));
  window<Sums, distance>(state, values, ends, x, count, out,
                         [n](Four sum, Four origin) { return origin * n + sum; });
}
void window_max(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                double* out) {
  window<Greatest, itself>(state, values, ends, x, count, out, [](Four value, Four) { return value; });
}
void window_min(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                double* out) {
  window<Least, itself>(state, values, ends, x, count, out, [](Four value, Four) { return value; });
}

void window_moments(RunFold& state, double* values, double* ends, double* ends_2, const double* x,
                    std::size_t count, double* mean, double* deviation) {
  const Four share = Four::all(1 / static_cast<double>(state.n));
  const auto begin = [&] {
    state.base = state.base_2 = 0;
    if (!state.full) return;
    fold_ends<Sums, distance>(state.n, state.origin, values, ends);
    fold_ends<Sums, square>(state.n, state.origin, values, ends_2);
  };
  for_runs(state, values, x, count, begin, [&](std::size_t first, std::size_t last, std::size_t from) {
    const Four origin = Four::all(state.origin);
    Four base = Four::all(state.base), base_2 = Four::all(state.base_2);
    for (std::size_t group = first & ~(kGroup - 1); group < last; group += kGroup) {
      const Four d = Four::load(values + group) - origin;
      const Four sums = folds<Sums>(d), squares = folds<Sums>(d * d);
      const Four offset = (Four::load(ends + group + 1) + (base + sums)) * share;
      const Four variance = (Four::load(ends_2 + group + 1) + (base_2 + squares)) * share - offset * offset;
      if (mean != nullptr) store_piece(origin + offset, group, first, last, mean + from);
      store_piece(root(greatest(variance, Four::all(0))), group, first, last, deviation + from);
      if (group + kGroup > last) continue;
      base = base + sums.last();
      base_2 = base_2 + squares.last();
    }
    state.base = first_lane(base);
    state.base_2 = first_lane(base_2);
    if (mean != nullptr) hide_beginning(state, first, last, mean + from);
    hide_beginning(state, first, last, deviation + from);
  });
}

// fold(…fold(first, x[i − n + 2])…, x[i]) for each i.
template <class First, class Fold, class Finish>
inline void each_window(const double* x, std::size_t n, std::size_t count, double* out, First first,
                        Fold fold, Finish finish) {
  for (std::size_t i = 0; i < count; i += kGroup) {
    const double* oldest = x + i - (n - 1);
    Four folded = first(Four::load(oldest), i);
    for (std::size_t j = 1; j < n; ++j) folded = fold(folded, Four::load(oldest + j), i);
    folded = finish(folded);
    if (i + kGroup <= count) {
      folded.store(out + i);
    } else {
      store_some(folded, 0, count - i, out + i);
    }
  }
}

// Of differences from the oldest value, so that the mean of equal values is that value.
void short_mean(const double* x, std::size_t n, std::size_t count, double* out) {
  const Four share = Four::all(1 / static_cast<double>(n));
  for (std::size_t i = 0; i < count; i += kGroup) {
    const double* oldest = x + i - (n - 1);
    const Four origin = Four::load(oldest);
    Four sum = Four::all(0);
    for (std::size_t j = 1; j < n; ++j) sum = sum + (Four::load(oldest + j) - origin);
    const Four mean = origin + sum * share;
    if (i + kGroup <= count) {
      mean.store(out + i);
    } else {
      store_some(mean, 0, count - i, out + i);
    }
  }
}
void short_max(const double* x, std::size_t n, std::size_t count, double* out) {
  each_window(
      x, n, count, out, [](Four value, std::size_t) { return value; },
      [](Four best, Four value, std::size_t) { return greatest(best, value); },
      [](Four best) { return best; });
}
void short_min(const double* x, std::size_t n, std::size_t count, double* out) {
  each_window(
      x, n, count, out, [](Four value, std::size_t) { return value; },
      [](Four best, Four value, std::size_t) { return least(best, value); }, [](Four best) { return best; });
}
void mean_distance(const double* x, const double* mean, std::size_t n, std::size_t count, double* out) {
  const Four divisor = Four::all(static_cast<double>(n));
  each_window(
      x, n, count, out, [mean](Four value, std::size_t i) { return magnitude(value - Four::load(mean + i)); },
      [mean](Four sum, Four value, std::size_t i) { return sum + magnitude(value - Four::load(mean + i)); },
      [divisor](Four sum) { return sum / divisor; });
}

void true_range(const double* high, const double* low, const double* close, std::size_t count, double* out) {
  map(
      count, out,
      [](Four top, Four bottom, Four before) {
        return greatest(top - bottom, greatest(magnitude(top - before), magnitude(bottom - before)));
      },
      high, low, close - 1);
}

// Up and down from the bar before; the larger of the two counts, where it is above zero.
inline Four movement(Four own, Four other) {
  return choose(both(above(own, Four::all(0)), above(own, other)), own, Four::all(0));
}
void plus_movement(const double* high, const double* low, std::size_t count, double* out) {
  map(
      count, out,
      [](Four top, Four top_before, Four bottom, Four bottom_before) {
        return movement(top - top_before, bottom_before - bottom);
      },
      high, high - 1, low, low - 1);
}
void minus_movement(const double* high, const double* low, std::size_t count, double* out) {
  map(
      count, out,
      [](Four top, Four top_before, Four bottom, Four bottom_before) {
        return movement(bottom_before - bottom, top - top_before);
      },
      high, high - 1, low, low - 1);
}
void changes(const double* x, std::size_t count, double* gain, double* loss) {
  const auto rise = [](Four a, Four b) { return greatest(a - b, Four::all(0)); };
  map(count, gain, rise, x, x - 1);
  map(count, loss, rise, x - 1, x);
}
void signed_volume(const double* close, const double* volume, std::size_t count, double* out) {
  map(
      count, out,
      [](Four now, Four before, Four size) {
        const Four none = Four::all(0);
        return choose(above(now, before), size, choose(above(before, now), none - size, none));
      },
      close, close - 1, volume);
}
void percent_of_both(const double* a, const double* b, std::size_t count, double* out) {
  map(
      count, out,
      [](Four x, Four y) {
        const Four sum = x + y;
        const Mask4 nothing = above(Four::all(1e-14), magnitude(sum));
        return choose(nothing, Four::all(0), Four::all(100) * x / sum);
      },
      a, b);
}
void typical(const double* high, const double* low, const double* close, std::size_t count, double* out) {
  map(
      count, out, [](Four top, Four bottom, Four last) { return (top + bottom + last) / Four::all(3); }, high,
      low, close);
}

constexpr Kernels make_kernels(const char* name) {
  return {.name = name,
          .add = add,
          .subtract = subtract,
          .multiply = multiply,
          .divide = divide,
          .place = place,
          .any_missing = any_missing,
          .decay = decay,
          .total = total,
          .window_mean = window_mean,
          .window_sum = window_sum,
          .window_max = window_max,
          .window_min = window_min,
          .window_moments = window_moments,
          .short_mean = short_mean,
          .short_max = short_max,
          .short_min = short_min,
          .mean_distance = mean_distance,
          .true_range = true_range,
          .plus_movement = plus_movement,
          .minus_movement = minus_movement,
          .changes = changes,
          .signed_volume = signed_volume,
          .percent_of_both = percent_of_both,
          .typical = typical};
}

}  // namespace

}  // namespace pawl::features::simd
