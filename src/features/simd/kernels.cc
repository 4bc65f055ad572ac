#include "features/simd/kernels.h"

#include <cassert>

#include "features/simd/widths.h"

namespace pawl::features::simd {

Decay::Decay(double kept_each, double added_each)
    : added(added_each),
      kept(kept_each),
      kept_2(kept_each * kept_each),
      powers{kept, kept_2, kept_2 * kept, kept_2 * kept_2} {}

#ifdef __x86_64__

bool has(Width width) {
  return width != Width::avx2 || __builtin_cpu_supports("avx2") != 0;
}

const Kernels& kernels(Width width) {
  assert(has(width));
  if (width == Width::plain) return kPlainKernels;
  if (width == Width::sse2) return kSse2Kernels;
  return has(Width::avx2) ? kAvx2Kernels : kSse2Kernels;
}

#else

bool has(Width width) {
  return width == Width::plain || width == Width::widest;
}

const Kernels& kernels(Width width) {
  assert(has(width));
  static_cast<void>(width);
  return kPlainKernels;
}

#endif

}  // namespace pawl::features::simd
