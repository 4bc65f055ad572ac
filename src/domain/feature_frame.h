// Rows of feature values with the times that they belong to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"

namespace pawl {

struct FeatureFrame {
  std::vector<std::string> names;   // canonical specs, one per column
  std::vector<TimeMs> known_at;     // close of each row's bar
  std::vector<std::uint8_t> ready;  // 0 while some feature of the row was still warming up
  std::vector<double> values;       // row-major; NaN is a missing value

  std::size_t rows() const { return known_at.size(); }
  std::size_t columns() const { return names.size(); }
  std::span<const double> row(std::size_t i) const {
    return std::span(values).subspan(i * columns(), columns());
  }
};

// 16 hex digits of a SHA-256 over the bits of a row: what a logged prediction remembers of its input.
std::string row_digest(std::span<const double> row);

}  // namespace pawl
