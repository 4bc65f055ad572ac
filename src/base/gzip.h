// gzip in and out, and its checksum (zlib).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawl {

bool looks_like_gzip(std::string_view bytes);
// All members of a .gz, unpacked. bad_data where it is cut short, damaged, or unpacks to over `limit` bytes.
Result<std::string> gunzip(std::string_view bytes, std::size_t limit = std::size_t{4} << 30);
std::string gzip(std::string_view bytes);
// CRC-32 as gzip has it: for finding what was cut short or damaged, no secret.
std::uint32_t crc32_of(std::string_view bytes);

}  // namespace pawl
