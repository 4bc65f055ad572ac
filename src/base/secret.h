// Where secrets come from: the operating system's entropy. random.h is for everything that must be
// repeatable.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

// Bytes that nobody can guess (getrandom). io where the system has none to give.
Result<std::string> secret_bytes(std::size_t count);

// RFC 4648 §5, without padding: letters, digits, - and _.
std::string base64url(std::string_view bytes);

}  // namespace pawl
