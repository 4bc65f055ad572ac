// The loops of kernels.h over any sort of Four. Included by one file for each, behind the header that says
// what Four is there: everything is of that file alone (an unnamed namespace), so that no function compiled
// for wide registers can be linked in where a narrow one was meant.
#pragma once

#include <cstddef>
#include <cstdint>

#include "features/simd/kernels.h"
#include "features/simd/recurrent_loops.h"
#include "features/simd/values.h"
#include "features/simd/window_loops.h"

namespace pawl::features::simd {

namespace {

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
  // Two groups are compared with each other: NaN is with nothing.
  const auto missing_in_two = [x](std::size_t i) {
    return unordered(Four::load(x + i), Four::load(x + i + kGroup));
  };
  std::size_t i = 0;
  for (; i + 4 * kGroup <= count; i += 4 * kGroup) {
    if (any(either(missing_in_two(i), missing_in_two(i + 2 * kGroup)))) return true;
  }
  for (; i < count; ++i) {
    if (x[i] != x[i]) return true;
  }
  return false;
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
