// zip archives in (libzip): what exchanges and vendors hand their bars out in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl {

bool looks_like_zip(std::string_view bytes);
// The names of the files in the archive, in its order; folders are left out. bad_data where it is damaged.
Result<std::vector<std::string>> zip_names(std::string_view bytes);
// One file of it, unpacked and checked against its checksum. bad_data where there is none of that name, it is
// damaged, encrypted or unpacks to over `limit` bytes.
Result<std::string> unzip(std::string_view bytes, const std::string& name,
                          std::size_t limit = std::size_t{4} << 30);

}  // namespace pawl
