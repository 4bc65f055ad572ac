// Four values in two registers of two.
#pragma once

#include <emmintrin.h>

namespace pawl::features::simd {

namespace {

struct Mask4 {
  __m128d low, high;
};

struct Four {
  __m128d low, high;

  static Four load(const double* from) { return {_mm_loadu_pd(from), _mm_loadu_pd(from + 2)}; }
  static Four all(double value) { return {_mm_set1_pd(value), _mm_set1_pd(value)}; }
  void store(double* to) const {
    _mm_storeu_pd(to, low);
    _mm_storeu_pd(to + 2, high);
  }
  // Aligned, as those below want it.
  void store_past_caches(double* to) const {
    _mm_stream_pd(to, low);
    _mm_stream_pd(to + 2, high);
  }
  // [fill, 0, 1, 2] and [fill, fill, 0, 1]
  Four shifted_1(Four fill) const { return {_mm_unpacklo_pd(fill.low, low), _mm_shuffle_pd(low, high, 1)}; }
  Four shifted_2(Four fill) const { return {fill.low, low}; }
  Four reversed() const { return {_mm_shuffle_pd(high, high, 1), _mm_shuffle_pd(low, low, 1)}; }
  Four last() const {
    const __m128d value = _mm_unpackhi_pd(high, high);
    return {value, value};
  }
};

inline Four operator+(Four a, Four b) {
  return {_mm_add_pd(a.low, b.low), _mm_add_pd(a.high, b.high)};
}
inline Four operator-(Four a, Four b) {
  return {_mm_sub_pd(a.low, b.low), _mm_sub_pd(a.high, b.high)};
}
inline Four operator*(Four a, Four b) {
  return {_mm_mul_pd(a.low, b.low), _mm_mul_pd(a.high, b.high)};
}
inline Four operator/(Four a, Four b) {
  return {_mm_div_pd(a.low, b.low), _mm_div_pd(a.high, b.high)};
}
inline Four greatest(Four a, Four b) {
  return {_mm_max_pd(a.low, b.low), _mm_max_pd(a.high, b.high)};
}
inline Four least(Four a, Four b) {
  return {_mm_min_pd(a.low, b.low), _mm_min_pd(a.high, b.high)};
}
inline Four magnitude(Four a) {
  const __m128d sign = _mm_set1_pd(-0.0);
  return {_mm_andnot_pd(sign, a.low), _mm_andnot_pd(sign, a.high)};
}
inline Four root(Four a) {
  return {_mm_sqrt_pd(a.low), _mm_sqrt_pd(a.high)};
}
inline Mask4 above(Four a, Four b) {
  return {_mm_cmpgt_pd(a.low, b.low), _mm_cmpgt_pd(a.high, b.high)};
}
inline Mask4 equal(Four a, Four b) {
  return {_mm_cmpeq_pd(a.low, b.low), _mm_cmpeq_pd(a.high, b.high)};
}
inline Mask4 unordered(Four a, Four b) {
  return {_mm_cmpunord_pd(a.low, b.low), _mm_cmpunord_pd(a.high, b.high)};
}
inline Mask4 both(Mask4 a, Mask4 b) {
  return {_mm_and_pd(a.low, b.low), _mm_and_pd(a.high, b.high)};
}
inline Mask4 either(Mask4 a, Mask4 b) {
  return {_mm_or_pd(a.low, b.low), _mm_or_pd(a.high, b.high)};
}
inline Four choose(Mask4 mask, Four yes, Four no) {
  return {_mm_or_pd(_mm_and_pd(mask.low, yes.low), _mm_andnot_pd(mask.low, no.low)),
          _mm_or_pd(_mm_and_pd(mask.high, yes.high), _mm_andnot_pd(mask.high, no.high))};
}
inline bool every(Mask4 mask) {
  return _mm_movemask_pd(_mm_and_pd(mask.low, mask.high)) == 0b11;
}
inline void transpose(Four& a, Four& b, Four& c, Four& d) {
  const Four one = a, two = b, three = c, four = d;
  a = {_mm_unpacklo_pd(one.low, two.low), _mm_unpacklo_pd(three.low, four.low)};
  b = {_mm_unpackhi_pd(one.low, two.low), _mm_unpackhi_pd(three.low, four.low)};
  c = {_mm_unpacklo_pd(one.high, two.high), _mm_unpacklo_pd(three.high, four.high)};
  d = {_mm_unpackhi_pd(one.high, two.high), _mm_unpackhi_pd(three.high, four.high)};
}
inline void finish_stores() {
  _mm_sfence();
}
inline bool any(Mask4 mask) {
  return _mm_movemask_pd(_mm_or_pd(mask.low, mask.high)) != 0;
}

}  // namespace

}  // namespace pawl::features::simd
