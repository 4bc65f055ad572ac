// SHA-256 over bytes, as lower-case hex, and signatures by it. The one place that includes OpenSSL's digests.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pawl {

std::string sha256_hex(std::string_view bytes);
// HMAC-SHA-256 (RFC 2104) of a message under a key.
std::string hmac_sha256_hex(std::string_view key, std::string_view message);
// Whether two texts are the same, in a time that depends on their lengths only: for comparing signatures.
bool same_secret(std::string_view a, std::string_view b);

// The same, fed in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  // The digest of what was fed so far; feeding may go on afterwards.
  std::string hex() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl
