#include "features/simd/four_sse2.h"
#include "features/simd/loops.h"
#include "features/simd/widths.h"

namespace pawl::features::simd {

extern const Kernels kSse2Kernels = make_kernels("sse2");

}  // namespace pawl::features::simd
