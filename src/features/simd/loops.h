// The loops of kernels.h over any sort of Four. Included by one file for each, behind the header that says
// what Four is there: everything is of that file alone (an unnamed namespace), so that no function compiled
// for wide registers can be linked in where a narrow one was meant.
#pragma once

#include <cstddef>
#include <cstdint>

#include "features/simd/kernels.h"

namespace pawl::features::simd {

namespace {

// What Four can do, for one value alone: the ends of blocks go through the same formulas one by one.
inline double greatest(double a, double b) {
  return a > b ? a : b;
}
inline double least(double a, double b) {
  return a < b ? a : b;
}
inline double magnitude(double a) {
  return __builtin_fabs(a);
}
inline double root(double a) {
  return __builtin_sqrt(a);
}
inline bool above(double a, double b) {
  return a > b;
}
inline bool equal(double a, double b) {
  return a == b;
}
inline bool both(bool a, bool b) {
  return a && b;
}
inline double choose(bool mask, double yes, double no) {
  return mask ? yes : no;
}
// A number in every lane of what the first one is.
inline Four like(Four, double value) {
  return Four::all(value);
}
inline double like(double, double value) {
  return value;
}

template <class Body, class... From>
inline void map(std::size_t count, double* out, Body body, const From*... from) {
  std::size_t i = 0;
  for (; i + kGroup <= count; i += kGroup) body(Four::load(from + i)...).store(out + i);
  for (; i < count; ++i) out[i] = body(from[i]...);
}

template <class Value>
inline Value finite(Value value) {
  return choose(equal(value - value, like(value, 0)), value, like(value, __builtin_nan("")));
}

void add(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](auto x, auto y) { return finite(x + y); }, a, b);
}
void subtract(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](auto x, auto y) { return finite(x - y); }, a, b);
}
void multiply(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](auto x, auto y) { return finite(x * y); }, a, b);
}
void divide(const double* a, const double* b, std::size_t count, double* out) {
  map(count, out, [](auto x, auto y) { return finite(x / y); }, a, b);
}
void place(const double* x, const double* low, const double* high, double flat, std::size_t count,
           double* out) {
  map(
      count, out,
      [flat](auto value, auto bottom, auto top) {
        const auto span = top - bottom;
        const auto found = choose(above(span, like(span, 0)), (value - bottom) / span, like(span, flat));
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

void true_range(const double* high, const double* low, const double* close, std::size_t count, double* out) {
  map(
      count, out,
      [](auto top, auto bottom, auto before) {
        return greatest(top - bottom, greatest(magnitude(top - before), magnitude(bottom - before)));
      },
      high, low, close - 1);
}

// Up and down from the bar before; the larger of the two counts, where it is above zero.
template <class Value>
inline Value movement(Value own, Value other) {
  const Value none = like(own, 0);
  return choose(both(above(own, none), above(own, other)), own, none);
}
void plus_movement(const double* high, const double* low, std::size_t count, double* out) {
  map(
      count, out,
      [](auto top, auto top_before, auto bottom, auto bottom_before) {
        return movement(top - top_before, bottom_before - bottom);
      },
      high, high - 1, low, low - 1);
}
void minus_movement(const double* high, const double* low, std::size_t count, double* out) {
  map(
      count, out,
      [](auto top, auto top_before, auto bottom, auto bottom_before) {
        return movement(bottom_before - bottom, top - top_before);
      },
      high, high - 1, low, low - 1);
}
bool directional_index(const double* plus, const double* minus, const double* range, std::size_t count,
                       double* out) {
  bool all = true;
  const auto index = [](auto p, auto m, auto r, auto& moves) {
    const auto sum = p + m;
    // 100 sum / r is the sum of the two indicators: neither that nor the range is nearly zero.
    const auto tiny = like(r, 1e-14);
    moves = both(above(r, tiny), above(like(r, 100) * sum, tiny * r));
    return choose(moves, like(r, 100) * magnitude(p - m) / sum, like(r, 0));
  };
  std::size_t i = 0;
  for (; i + kGroup <= count; i += kGroup) {
    Mask4 moves;
    index(Four::load(plus + i), Four::load(minus + i), Four::load(range + i), moves).store(out + i);
    all = all && every(moves);
  }
  for (; i < count; ++i) {
    bool moves = false;
    out[i] = index(plus[i], minus[i], range[i], moves);
    all = all && moves;
  }
  return all;
}
void changes(const double* x, std::size_t count, double* gain, double* loss) {
  const auto rise = [](auto a, auto b) { return greatest(a - b, like(a, 0)); };
  map(count, gain, rise, x, x - 1);
  map(count, loss, rise, x - 1, x);
}
void signed_volume(const double* close, const double* volume, std::size_t count, double* out) {
  map(
      count, out,
      [](auto now, auto before, auto size) {
        const auto none = like(now, 0);
        return choose(above(now, before), size, choose(above(before, now), none - size, none));
      },
      close, close - 1, volume);
}
void percent_of_both(const double* a, const double* b, std::size_t count, double* out) {
  map(
      count, out,
      [](auto x, auto y) {
        const auto sum = x + y;
        const auto nothing = above(like(x, 1e-14), magnitude(sum));
        return choose(nothing, like(x, 0), like(x, 100) * x / sum);
      },
      a, b);
}
void typical(const double* high, const double* low, const double* close, std::size_t count, double* out) {
  map(
      count, out, [](auto top, auto bottom, auto last) { return (top + bottom + last) / like(top, 3); }, high,
      low, close);
}

// Rows [first, last) of the columns, next to each other.
inline void tile_to_rows(const double* const* columns, std::size_t width, std::size_t first, std::size_t last,
                         double* rows) {
  std::size_t column = 0;
  for (; column + kGroup <= width; column += kGroup) {
    const double* const* from = columns + column;
    double* to = rows + column;
    std::size_t i = first;
    for (; i + kGroup <= last; i += kGroup, to += kGroup * width) {
      Four a = Four::load(from[0] + i), b = Four::load(from[1] + i);
      Four c = Four::load(from[2] + i), d = Four::load(from[3] + i);
      transpose(a, b, c, d);
      a.store(to);
      b.store(to + width);
      c.store(to + 2 * width);
      d.store(to + 3 * width);
    }
    for (; i < last; ++i, to += width) {
      for (std::size_t j = 0; j < kGroup; ++j) to[j] = from[j][i];
    }
  }
  for (; column < width; ++column) {
    const double* const from = columns[column];
    double* to = rows + column;
    for (std::size_t i = first; i < last; ++i, to += width) *to = from[i];
  }
}

// Past the caches, which would read each line before it is overwritten. Lines that are not wholly written
// here go through them.
inline void stream(const double* from, std::size_t count, double* to) {
  constexpr std::size_t kLine = 64 / sizeof(double);
  std::size_t i = 0;
  for (; i < count && reinterpret_cast<std::uintptr_t>(to + i) % 64 != 0; ++i) to[i] = from[i];
  for (; i + kLine <= count; i += kLine) {
    Four::load(from + i).store_past_caches(to + i);
    Four::load(from + i + kGroup).store_past_caches(to + i + kGroup);
  }
  for (; i < count; ++i) to[i] = from[i];
}

// A few rows at a time, so that what is being written stays in the nearest cache.
void to_rows(const double* const* columns, std::size_t width, std::size_t count, double* rows,
             bool past_caches) {
  constexpr std::size_t kTile = 2048;
  double tile[kTile];
  const std::size_t fitting = kTile / width / kGroup * kGroup;
  const std::size_t step = fitting > 0 ? fitting : kGroup;
  past_caches = past_caches && fitting > 0;
  for (std::size_t first = 0; first < count; first += step) {
    const std::size_t last = first + step < count ? first + step : count;
    tile_to_rows(columns, width, first, last, past_caches ? tile : rows + first * width);
    if (past_caches) stream(tile, (last - first) * width, rows + first * width);
  }
  if (past_caches) finish_stores();
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
          .window_deviation = window_deviation,
          .short_mean = short_mean,
          .short_max = short_max,
          .short_min = short_min,
          .channel_index = channel_index,
          .true_range = true_range,
          .plus_movement = plus_movement,
          .minus_movement = minus_movement,
          .directional_index = directional_index,
          .changes = changes,
          .signed_volume = signed_volume,
          .percent_of_both = percent_of_both,
          .typical = typical,
          .to_rows = to_rows};
}

}  // namespace

}  // namespace pawl::features::simd
