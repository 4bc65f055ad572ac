#include "features/simd/four_plain.h"
#include "features/simd/loops.h"
#include "features/simd/widths.h"

namespace pawl::features::simd {

extern const Kernels kPlainKernels = make_kernels("plain");

}  // namespace pawl::features::simd
