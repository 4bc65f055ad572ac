#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>

namespace pawl {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// A digest over memory fails only where memory is out or the library is broken, and going on with a wrong
// hash would be worse than stopping.
void require(bool ok) {
  if (ok) return;
  std::fputs("SHA-256 failed inside OpenSSL\n", stderr);
  std::abort();
}

Context new_context() {
  Context context(EVP_MD_CTX_new());
  require(context != nullptr);
  return context;
}

}  // namespace

struct Sha256::Impl {
  Context context;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>(Impl{new_context()})) {
  require(EVP_DigestInit_ex(impl_->context.get(), EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(impl_->context.get(), bytes.data(), bytes.size()) == 1);
}

namespace {

std::string hex_of(std::span<const unsigned char> bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace

std::string Sha256::hex() const {
  const Context copy = new_context();
  require(EVP_MD_CTX_copy_ex(copy.get(), impl_->context.get()) == 1);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  require(EVP_DigestFinal_ex(copy.get(), digest.data(), &length) == 1);
  return hex_of(std::span(digest).first(length));
}

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t length = 0;
  const unsigned char* made = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                                        std::bit_cast<const unsigned char*>(message.data()), message.size(),
                                        digest.data(), digest.size(), &length);
  require(made != nullptr);
  return hex_of(std::span(digest).first(length));
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

}  // namespace pawl
