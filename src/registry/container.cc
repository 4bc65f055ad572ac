#include "registry/container.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace pawl::registry {
namespace {

constexpr std::string_view kMagic = "pawl exported version 1\n";
constexpr std::size_t kHashSize = 64;
constexpr std::uint32_t kMostFiles = 16;

}  // namespace

std::string write_container(const Container& container) {
  ByteWriter body;
  body.text(container.content_hash);
  body.u32(static_cast<std::uint32_t>(container.files.size()));
  for (const auto& [name, bytes] : container.files) {
    body.text(name);
    body.text(bytes);
  }
  std::string text = std::string(kMagic) + body.bytes();
  text += sha256_hex(text);
  return text;
}

Result<Container> read_container(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) {
    return fail(ErrorCode::bad_data, "this is not a version exported by pawl: it does not begin like one");
  }
  if (bytes.size() < kMagic.size() + kHashSize) return fail(ErrorCode::bad_data, "the file is cut short");
  const std::string_view covered = bytes.substr(0, bytes.size() - kHashSize);
  if (sha256_hex(covered) != bytes.substr(covered.size())) {
    return fail(ErrorCode::bad_data, "the file is damaged or cut short: its checksum is wrong");
  }
  ByteReader reader(covered.substr(kMagic.size()));
  Container container;
  container.content_hash = reader.text();
  const std::uint32_t count = reader.u32();
  for (std::uint32_t i = 0; reader.ok() && i < count && i < kMostFiles; ++i) {
    std::string name = reader.text();
    container.files.emplace_back(std::move(name), reader.text());
  }
  if (!reader.at_end()) return fail(ErrorCode::bad_data, "the lengths in the file do not add up");
  return container;
}

}  // namespace pawl::registry
