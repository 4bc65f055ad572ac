// Loops over the last n values: folds by runs, and windows so short that all of one is looked at each time.
#pragma once

#include <cstddef>

#include "features/simd/recurrent_loops.h"

namespace pawl::features::simd {

namespace {

// What is folded of a value: itself, its distance from the origin, or the square of that.
struct Itself {
  template <class Value>
  static Value of(Value value, Value) {
    return value;
  }
};
struct Distance {
  template <class Value>
  static Value of(Value value, Value origin) {
    return value - origin;
  }
};
struct Square {
  template <class Value>
  static Value of(Value value, Value origin) {
    return (value - origin) * (value - origin);
  }
};

// ends[i]: the fold of the older run's values i … n − 1, with the newer run's origin.
template <class Fold, class Part>
inline void fold_ends(std::size_t n, double origin, const double* values, double* ends) {
  const Four from = Four::all(origin);
  Four base = Four::all(Fold::kNeutral);
  for (std::size_t left = n; left > 1;) {
    // The lanes before the first value hold anything and lie behind what they could change.
    const Four sums = folds<Fold>(Part::of(Four::load(values + left - kGroup), from).reversed());
    Fold::join(base, sums).reversed().store(ends + left - kGroup);
    base = Fold::join(base, sums.last());
    left = left > kGroup ? left - kGroup : 0;
  }
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

// Calls one(index) up to the first whole group of [first, last), wholes(begin, end) for all of those, and
// one(index) for what is left.
template <class Wholes, class One>
inline void for_groups(std::size_t first, std::size_t last, Wholes wholes, One one) {
  std::size_t i = first;
  for (; i < last && i % kGroup != 0; ++i) one(i);
  if (const std::size_t end = i + (last - i) / kGroup * kGroup; i < end) {
    wholes(i, end);
    i = end;
  }
  for (; i < last; ++i) one(i);
}

// Before the first window is full there is nothing to say but at its last value.
inline void hide_beginning(const RunFold& state, std::size_t first, std::size_t last, double* out) {
  if (state.full) return;
  for (std::size_t i = first; i < last && i + 1 < state.n; ++i) out[i - first] = __builtin_nan("");
}

template <class Part>
inline void parts_of(const double* values, std::size_t index, double origin, double* parts) {
  for (std::size_t i = 0; i <= index % kGroup; ++i) {
    parts[i] = Part::of(values[index / kGroup * kGroup + i], origin);
  }
}

template <class Fold, class Part, class Finish>
inline void window(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                   double* out, Finish finish) {
  const auto begin = [&] {
    state.base = Fold::kNeutral;
    if (state.full) fold_ends<Fold, Part>(state.n, state.origin, values, ends);
  };
  for_runs(state, values, x, count, begin, [&](std::size_t first, std::size_t last, std::size_t from) {
    const Four origin = Four::all(state.origin);
    double* const to = out + from - first;
    for_groups(
        first, last,
        [&](std::size_t begin_groups, std::size_t end_groups) {
          Four base = Four::all(state.base);
          for (std::size_t i = begin_groups; i < end_groups; i += kGroup) {
            const Four sums = folds<Fold>(Part::of(Four::load(values + i), origin));
            finish(Fold::join(Four::load(ends + i + 1), Fold::join(base, sums)), origin).store(to + i);
            base = Fold::join(base, sums.last());
          }
          state.base = first_lane(base);
        },
        [&](std::size_t i) {
          double parts[kGroup];
          parts_of<Part>(values, i, state.origin, parts);
          const double sum = Fold::join(state.base, fold_of<Fold>(parts, i % kGroup));
          to[i] = finish(Fold::join(ends[i + 1], sum), state.origin);
          if (i % kGroup == kGroup - 1) state.base = sum;
        });
    hide_beginning(state, first, last, out + from);
  });
}

void window_mean(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                 double* out) {
  const double share = 1 / static_cast<double>(state.n);
  window<Sums, Distance>(state, values, ends, x, count, out,
                         [share](auto sum, auto origin) { return origin + sum * like(sum, share); });
}
void window_sum(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                double* out) {
  const auto n = static_cast<double>(state.n);
  window<Sums, Distance>(state, values, ends, x, count, out,
                         [n](auto sum, auto origin) { return origin * like(sum, n) + sum; });
}
void window_max(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                double* out) {
  window<Greatest, Itself>(state, values, ends, x, count, out, [](auto value, auto) { return value; });
}
void window_min(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                double* out) {
  window<Least, Itself>(state, values, ends, x, count, out, [](auto value, auto) { return value; });
}

template <class Value>
inline Value deviation_of(Value squares, Value offset, double share) {
  const Value variance = squares * like(squares, share) - offset * offset;
  return root(greatest(variance, like(variance, 0)));
}

void window_deviation(RunFold& state, double* values, double* ends, double* ends_2, const double* x,
                      std::size_t count, double* out) {
  const double share = 1 / static_cast<double>(state.n);
  const auto begin = [&] {
    state.base = state.base_2 = 0;
    if (!state.full) return;
    fold_ends<Sums, Distance>(state.n, state.origin, values, ends);
    fold_ends<Sums, Square>(state.n, state.origin, values, ends_2);
  };
  for_runs(state, values, x, count, begin, [&](std::size_t first, std::size_t last, std::size_t from) {
    const Four origin = Four::all(state.origin);
    double* const to = out + from - first;
    for_groups(
        first, last,
        [&](std::size_t begin_groups, std::size_t end_groups) {
          Four base = Four::all(state.base), base_2 = Four::all(state.base_2);
          for (std::size_t i = begin_groups; i < end_groups; i += kGroup) {
            const Four d = Four::load(values + i) - origin;
            const Four sums = folds<Sums>(d), squares = folds<Sums>(d * d);
            const Four offset = (Four::load(ends + i + 1) + (base + sums)) * Four::all(share);
            deviation_of(Four::load(ends_2 + i + 1) + (base_2 + squares), offset, share).store(to + i);
            base = base + sums.last();
            base_2 = base_2 + squares.last();
          }
          state.base = first_lane(base);
          state.base_2 = first_lane(base_2);
        },
        [&](std::size_t i) {
          double d[kGroup], d_2[kGroup];
          parts_of<Distance>(values, i, state.origin, d);
          parts_of<Square>(values, i, state.origin, d_2);
          const double sum = state.base + fold_of<Sums>(d, i % kGroup);
          const double squares = state.base_2 + fold_of<Sums>(d_2, i % kGroup);
          to[i] = deviation_of(ends_2[i + 1] + squares, (ends[i + 1] + sum) * share, share);
          if (i % kGroup < kGroup - 1) return;
          state.base = sum;
          state.base_2 = squares;
        });
    hide_beginning(state, first, last, out + from);
  });
}

// Calls body(oldest) for the windows of n values that end at each of x, four together and then one by one;
// `oldest` reads the window's values: oldest(0) … oldest(n − 1).
template <class Body>
inline void each_window(const double* x, std::size_t n, std::size_t count, double* out, Body body) {
  std::size_t i = 0;
  for (; i + kGroup <= count; i += kGroup) {
    const double* const oldest = x + i - (n - 1);
    body([oldest](std::size_t j) { return Four::load(oldest + j); }, i).store(out + i);
  }
  for (; i < count; ++i) {
    const double* const oldest = x + i - (n - 1);
    out[i] = body([oldest](std::size_t j) { return oldest[j]; }, i);
  }
}

// Of differences from the oldest value, so that the mean of equal values is that value.
void short_mean(const double* x, std::size_t n, std::size_t count, double* out) {
  const double share = 1 / static_cast<double>(n);
  each_window(x, n, count, out, [n, share](auto value, std::size_t) {
    const auto origin = value(0);
    auto sum = like(origin, 0);
    for (std::size_t j = 1; j < n; ++j) sum = sum + (value(j) - origin);
    return origin + sum * like(origin, share);
  });
}
template <class Fold>
inline void short_extreme(const double* x, std::size_t n, std::size_t count, double* out) {
  each_window(x, n, count, out, [n](auto value, std::size_t) {
    auto best = value(0);
    for (std::size_t j = 1; j < n; ++j) best = Fold::join(best, value(j));
    return best;
  });
}
void short_max(const double* x, std::size_t n, std::size_t count, double* out) {
  short_extreme<Greatest>(x, n, count, out);
}
void short_min(const double* x, std::size_t n, std::size_t count, double* out) {
  short_extreme<Least>(x, n, count, out);
}

// Everything as the difference from the oldest value: prices that lie close together keep their digits.
void channel_index(const double* typical_price, std::size_t n, std::size_t count, double* out) {
  const double share = 1 / static_cast<double>(n);
  each_window(typical_price, n, count, out, [n, share](auto value, std::size_t) {
    const auto origin = value(0);
    auto sum = like(origin, 0);
    for (std::size_t j = 1; j < n; ++j) sum = sum + (value(j) - origin);
    const auto mean = sum * like(sum, share);
    auto distance = magnitude(mean), distance_2 = like(mean, 0);
    std::size_t j = 1;
    for (; j + 2 <= n; j += 2) {
      distance = distance + magnitude((value(j) - origin) - mean);
      distance_2 = distance_2 + magnitude((value(j + 1) - origin) - mean);
    }
    if (j < n) distance = distance + magnitude((value(j) - origin) - mean);
    const auto divisor = like(sum, 0.015) * ((distance + distance_2) * like(sum, share));
    return choose(equal(divisor, like(sum, 0)), like(sum, 0), ((value(n - 1) - origin) - mean) / divisor);
  });
}

}  // namespace

}  // namespace pawl::features::simd
