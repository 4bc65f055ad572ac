// SHA-256 over bytes, as lower-case hex. The one place that includes OpenSSL's digests.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pawl {

std::string sha256_hex(std::string_view bytes);

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
