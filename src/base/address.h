// IP addresses as values: what one is, not where it leads. Pure, safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

// An IPv4 address is kept in its IPv4-mapped IPv6 form (::ffff:a.b.c.d), so that both ways of writing it are
// one address.
class IpAddress {
 public:
  // "127.0.0.1", "::1", "[::1]", "::ffff:127.0.0.1"; a zone ("fe80::1%eth0") is dropped. Nothing for a name.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  bool is_loopback() const;  // 127.0.0.0/8, ::1
  bool is_any() const;       // 0.0.0.0, ::
  // What belongs to one customer of a network: an IPv4 address, or the /64 of an IPv6 one.
  IpAddress network() const;
  std::string text() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  bool operator==(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// True for "localhost" and for an address that only this machine can reach.
bool is_loopback(std::string_view address);

}  // namespace pawl
