#include "base/shown.h"

#include "base/format.h"

namespace pawl {

std::string shown(std::string_view text) {
  constexpr std::size_t kShownMax = 40;
  std::string out = "\"";
  for (const char c : text.substr(0, kShownMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", byte);
    }
  }
  return out + (text.size() > kShownMax ? "…\"" : "\"");
}

}  // namespace pawl
