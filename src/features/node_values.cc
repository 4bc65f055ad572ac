#include "features/node_values.h"

#include "features/kinds/step.h"

namespace pawl::features {

void operate(const simd::Kernels& kernels, char operation, const double* a, const double* b,
             std::size_t count, double* out) {
  switch (operation) {
    case '+':
      return kernels.add(a, b, count, out);
    case '-':
      return kernels.subtract(a, b, count, out);
    case '*':
      return kernels.multiply(a, b, count, out);
    default:
      return kernels.divide(a, b, count, out);
  }
}

void negate(const double* from, std::size_t count, double* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = is_missing(from[i]) ? kMissing : -from[i];
}

const double* column_of(const BarBlock& bars, Column column) {
  switch (column) {
    case Column::open:
      return bars.open.data();
    case Column::high:
      return bars.high.data();
    case Column::low:
      return bars.low.data();
    case Column::close:
      return bars.close.data();
    default:
      return bars.volume.data();
  }
}

}  // namespace pawl::features
