#include "domain/ids.h"

#include <charconv>

namespace pawl {

Result<VersionNumber> VersionNumber::parse(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('v')) digits.remove_prefix(1);
  VersionNumber number;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number.value);
  if (error != std::errc{} || stop != end || number.value < 0) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is not a version number; write it like v000123, v123 or 123", text);
  }
  return number;
}

}  // namespace pawl
