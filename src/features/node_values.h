// What the plain nodes of a plan say, the same wherever it is computed: block by block, or over windows.
#pragma once

#include "features/expr.h"
#include "features/simd/kernels.h"

namespace pawl::features {

// a ∘ b for + - * and /, value by value; what is not finite is missing.
void operate(const simd::Kernels& kernels, char operation, const double* a, const double* b,
             std::size_t count, double* out);
void negate(const double* from, std::size_t count, double* out);
const double* column_of(const BarBlock& bars, Column column);

}  // namespace pawl::features
