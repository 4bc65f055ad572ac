// The loops as compiled for each width; whether a machine can run them is for kernels() to know.
#pragma once

#include "features/simd/kernels.h"

namespace pawl::features::simd {

extern const Kernels kPlainKernels;
extern const Kernels kSse2Kernels;  // kSse2Kernels and kAvx2Kernels exist in builds for x86-64 alone
extern const Kernels kAvx2Kernels;

}  // namespace pawl::features::simd
