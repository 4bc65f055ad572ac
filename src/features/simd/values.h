// One value like four: what the ends of blocks need, and what is done to each value by itself.
#pragma once

#include <cstddef>

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

}  // namespace

}  // namespace pawl::features::simd
