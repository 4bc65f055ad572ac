#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace pawl {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::string address(text.substr(0, text.find('%')));
  if (address.find('\0') != std::string::npos) return std::nullopt;
  IpAddress parsed;
  if (inet_pton(AF_INET6, address.c_str(), parsed.bytes_.data()) == 1) return parsed;
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, address.c_str(), v4.data()) != 1) return std::nullopt;
  std::copy(kMapped.begin(), kMapped.end(), parsed.bytes_.begin());
  std::copy(v4.begin(), v4.end(), parsed.bytes_.begin() + kMapped.size());
  return parsed;
}

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; }) &&
         bytes_[15] == 1;
}

bool IpAddress::is_any() const {
  const auto from = bytes_.begin() + (is_v4() ? 12 : 0);
  return std::all_of(from, bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
}

IpAddress IpAddress::network() const {
  IpAddress network = *this;
  if (!is_v4()) std::fill(network.bytes_.begin() + 8, network.bytes_.end(), std::uint8_t{0});
  return network;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const int family = is_v4() ? AF_INET : AF_INET6;
  const char* written = inet_ntop(family, bytes_.data() + (is_v4() ? 12 : 0), buffer.data(),
                                  static_cast<socklen_t>(buffer.size()));
  return written == nullptr ? std::string() : std::string(written);
}

bool is_loopback(std::string_view address) {
  if (address == "localhost") return true;
  const auto parsed = IpAddress::parse(address);
  return parsed && parsed->is_loopback();
}

}  // namespace pawl
