// The inner loops of the features, written once (loops.h) and compiled for each width of registers that there
// may be. All of them do the same operations on the same values in the same order, four values at a time
// whatever the registers hold, and never fuse a multiplication with an addition: they give the same bits,
// block by block or one value at a time.
//
// Pointers of one call do not overlap, except where a loop says so. No input is NaN where a loop does not say
// what becomes of it.
#pragma once

#include <cstddef>

namespace pawl::features::simd {

// Values that are computed together. Loops whose state lies between two groups keep the values of the
// unfinished one and do it again, so that blocks may end anywhere.
inline constexpr std::size_t kGroup = 4;

// P = kept · P + added · x. With kept = 1 − added it is an exponential average.
struct Decay {
  Decay(double kept, double added);

  double added, kept, kept_2;
  double powers[kGroup];  // kept¹ … kept⁴
  double level = 0;       // P behind the last whole group
  double group[kGroup] = {};
  std::size_t at = 0;  // how many values the unfinished group has
};

// Running total from the first value on, in groups.
struct Total {
  double level = 0;
  double group[kGroup] = {};
  std::size_t at = 0;
};

// A fold over the last n values by runs of n (see kinds/run_window.h): what has left the window leaves no
// rounding behind. Each pointer is to n values with room for kGroup more at both ends.
struct RunFold {
  std::size_t n = 0, at = 0;    // values of the newer run; at == n before the first value
  bool full = false;            // there were n values
  double origin = 0;            // the newer run's first value, which sums are of differences from
  double base = 0, base_2 = 0;  // folds of the newer run's whole groups
};

struct Kernels {
  const char* name;

  // a ∘ b, NaN (features' one) where the result is not finite; `out` may be a or b.
  void (*add)(const double* a, const double* b, std::size_t count, double* out);
  void (*subtract)(const double* a, const double* b, std::size_t count, double* out);
  void (*multiply)(const double* a, const double* b, std::size_t count, double* out);
  void (*divide)(const double* a, const double* b, std::size_t count, double* out);
  // The place of x between low and high, `flat` where high is not above low; NaN where one of them is.
  void (*place)(const double* x, const double* low, const double* high, double flat, std::size_t count,
                double* out);
  // Whether one of them is NaN.
  bool (*any_missing)(const double* x, std::size_t count);

  void (*decay)(Decay& state, const double* x, std::size_t count, double* out);
  void (*total)(Total& state, const double* x, std::size_t count, double* out);

  // Over the last n values, NaN before there are n. `values` and `ends` belong to the state.
  void (*window_mean)(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                      double* out);
  void (*window_sum)(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                     double* out);
  void (*window_max)(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                     double* out);
  void (*window_min)(RunFold& state, double* values, double* ends, const double* x, std::size_t count,
                     double* out);
  // Population standard deviation; ends_2 is of the squares.
  void (*window_deviation)(RunFold& state, double* values, double* ends, double* ends_2, const double* x,
                           std::size_t count, double* out);

  // Windows so short that looking at all of one is no more work: x has n − 1 values before its first.
  void (*short_mean)(const double* x, std::size_t n, std::size_t count, double* out);
  void (*short_max)(const double* x, std::size_t n, std::size_t count, double* out);
  void (*short_min)(const double* x, std::size_t n, std::size_t count, double* out);
  // (newest − mean) / (0.015 · mean distance from the mean), 0 where that is flat. Any n; x as above.
  void (*channel_index)(const double* x, std::size_t n, std::size_t count, double* out);

  // Of bars; each pointer has the bar before the first at −1.
  void (*true_range)(const double* high, const double* low, const double* close, std::size_t count,
                     double* out);
  void (*plus_movement)(const double* high, const double* low, std::size_t count, double* out);
  void (*minus_movement)(const double* high, const double* low, std::size_t count, double* out);
  // 100 |+ − −| / (+ + −) of Wilder's sums, 0 where nothing moved or one of them is NaN; whether all moved.
  bool (*directional_index)(const double* plus, const double* minus, const double* range, std::size_t count,
                            double* out);
  // How much each value is above (`gain`) or below (`loss`) the one before it, else 0; x has one at −1.
  void (*changes)(const double* x, std::size_t count, double* gain, double* loss);
  // ± volume by the sign of the close's change, 0 where equal; close has one at −1.
  void (*signed_volume)(const double* close, const double* volume, std::size_t count, double* out);
  // 100 a / (a + b), 0 where |a + b| < 1e-14.
  void (*percent_of_both)(const double* a, const double* b, std::size_t count, double* out);
  // (H + L + C) / 3
  void (*typical)(const double* high, const double* low, const double* close, std::size_t count, double* out);

  // Columns of `count` values into rows of `width`; `past_caches` where more is written than these hold.
  void (*to_rows)(const double* const* columns, std::size_t width, std::size_t count, double* rows,
                  bool past_caches);
};

// The longest windows that these are quicker for.
inline constexpr std::size_t kShortMean = 8, kShortExtreme = 24;

enum class Width {
  plain,   // no vector instructions
  sse2,    // what every x86-64 has
  avx2,    // four values in a register
  widest,  // of those that this machine has
};

// Whether this build and machine have it.
bool has(Width width);
// `width` must be one that has() is true of.
const Kernels& kernels(Width width);

}  // namespace pawl::features::simd
