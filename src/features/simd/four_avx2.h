// Four values in one register. For a file that is compiled for AVX2.
#pragma once

#include <immintrin.h>

namespace pawl::features::simd {

namespace {

struct Mask4 {
  __m256d set;
};

struct Four {
  __m256d values;

  static Four load(const double* from) { return {_mm256_loadu_pd(from)}; }
  static Four all(double value) { return {_mm256_set1_pd(value)}; }
  void store(double* to) const { _mm256_storeu_pd(to, values); }
  // Aligned.
  void store_past_caches(double* to) const { _mm256_stream_pd(to, values); }
  // [fill, 0, 1, 2] and [fill, fill, 0, 1]
  Four shifted_1(Four fill) const {
    return {_mm256_blend_pd(_mm256_permute4x64_pd(values, 0b10010000), fill.values, 0b0001)};
  }
  Four shifted_2(Four fill) const { return {_mm256_permute2f128_pd(fill.values, values, 0x20)}; }
  Four reversed() const { return {_mm256_permute4x64_pd(values, 0b00011011)}; }
  Four last() const { return {_mm256_permute4x64_pd(values, 0b11111111)}; }
};

inline Four operator+(Four a, Four b) {
  return {_mm256_add_pd(a.values, b.values)};
}
inline Four operator-(Four a, Four b) {
  return {_mm256_sub_pd(a.values, b.values)};
}
inline Four operator*(Four a, Four b) {
  return {_mm256_mul_pd(a.values, b.values)};
}
inline Four operator/(Four a, Four b) {
  return {_mm256_div_pd(a.values, b.values)};
}
inline Four greatest(Four a, Four b) {
  return {_mm256_max_pd(a.values, b.values)};
}
inline Four least(Four a, Four b) {
  return {_mm256_min_pd(a.values, b.values)};
}
inline Four magnitude(Four a) {
  return {_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.values)};
}
inline Four root(Four a) {
  return {_mm256_sqrt_pd(a.values)};
}
inline Mask4 above(Four a, Four b) {
  return {_mm256_cmp_pd(a.values, b.values, _CMP_GT_OQ)};
}
inline Mask4 equal(Four a, Four b) {
  return {_mm256_cmp_pd(a.values, b.values, _CMP_EQ_OQ)};
}
inline Mask4 unordered(Four a, Four b) {
  return {_mm256_cmp_pd(a.values, b.values, _CMP_UNORD_Q)};
}
inline Mask4 both(Mask4 a, Mask4 b) {
  return {_mm256_and_pd(a.set, b.set)};
}
inline Mask4 either(Mask4 a, Mask4 b) {
  return {_mm256_or_pd(a.set, b.set)};
}
inline Four choose(Mask4 mask, Four yes, Four no) {
  return {_mm256_blendv_pd(no.values, yes.values, mask.set)};
}
inline bool every(Mask4 mask) {
  return _mm256_movemask_pd(mask.set) == 0b1111;
}
inline void transpose(Four& a, Four& b, Four& c, Four& d) {
  const __m256d even_1 = _mm256_unpacklo_pd(a.values, b.values);
  const __m256d odd_1 = _mm256_unpackhi_pd(a.values, b.values);
  const __m256d even_2 = _mm256_unpacklo_pd(c.values, d.values);
  const __m256d odd_2 = _mm256_unpackhi_pd(c.values, d.values);
  a.values = _mm256_permute2f128_pd(even_1, even_2, 0x20);
  b.values = _mm256_permute2f128_pd(odd_1, odd_2, 0x20);
  c.values = _mm256_permute2f128_pd(even_1, even_2, 0x31);
  d.values = _mm256_permute2f128_pd(odd_1, odd_2, 0x31);
}
inline void finish_stores() {
  _mm_sfence();
}
inline bool any(Mask4 mask) {
  return _mm256_movemask_pd(mask.set) != 0;
}

}  // namespace

}  // namespace pawl::features::simd
