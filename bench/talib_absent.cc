#include "talib_peer.h"

namespace pawl::bench {

bool talib_is_here() {
  return false;
}

Result<std::size_t> run_talib(std::string_view, const BarBlock&, std::span<double* const>) {
  return fail(ErrorCode::internal, "TA-Lib is not here");
}

}  // namespace pawl::bench
