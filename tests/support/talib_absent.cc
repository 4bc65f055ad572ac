#include "support/talib_oracle.h"

namespace pawl::test {

bool talib_is_here() {
  return false;
}

std::string talib_version() {
  return "";
}

std::optional<std::vector<double>> talib_values(const std::string&, std::span<const double>,
                                                const BarSeries&) {
  return std::nullopt;
}

}  // namespace pawl::test
