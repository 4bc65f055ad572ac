#include "features/simd/four_avx2.h"
#include "features/simd/loops.h"
#include "features/simd/widths.h"

namespace pawl::features::simd {

extern const Kernels kAvx2Kernels = make_kernels("avx2");

}  // namespace pawl::features::simd
