// Names of lines and versions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

// "recipe/symbol" or "recipe/pool": lower-case recipe, canonical symbol.
using LineId = std::string;

// Versions of a line are numbered from 0 (the rules baseline) and never reused. "v000123".
struct VersionNumber {
  std::int64_t value = 0;
  std::string text() const { return fmt::format("v{:06}", value); }
  static Result<VersionNumber> parse(std::string_view text);  // "v000123", "v123" or "123"
  friend auto operator<=>(VersionNumber, VersionNumber) = default;
};

}  // namespace pawl
