// Somebody else's text in a message.
#pragma once

#include <string>
#include <string_view>

namespace pawl {

// In quotes, its first forty bytes, what is not printable ASCII as \x1f: a message stays one line, whatever a
// file holds.
std::string shown(std::string_view text);

}  // namespace pawl
