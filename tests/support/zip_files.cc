#include "support/zip_files.h"

#include <cstdint>

#include "base/gzip.h"

namespace pawl::test {

namespace {

// Little-endian numbers, as the format's headers have them.
void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

struct Member {
  std::string name, packed, crc_and_size;  // the trailer of a gzip is what a zip's header wants
  std::uint32_t size = 0, offset = 0;
};

void put_description(std::string& out, const Member& member, bool deflated) {
  put(out, 20, 2);  // version 2.0
  put(out, 0, 2);
  put(out, deflated ? 8 : 0, 2);
  put(out, 0, 4);  // no date
  out += member.crc_and_size.substr(0, 4);
  put(out, static_cast<std::uint32_t>(member.packed.size()), 4);
  put(out, member.size, 4);
  put(out, static_cast<std::uint32_t>(member.name.size()), 2);
  put(out, 0, 2);
}

}  // namespace

std::string make_zip(const std::vector<std::pair<std::string, std::string>>& members, bool deflated) {
  constexpr std::size_t kGzipHeader = 10, kGzipTrailer = 8;
  std::string zip;
  std::vector<Member> written;
  for (const auto& [name, bytes] : members) {
    const std::string squeezed = gzip(bytes);
    Member member{.name = name,
                  .packed = deflated
                                ? squeezed.substr(kGzipHeader, squeezed.size() - kGzipHeader - kGzipTrailer)
                                : bytes,
                  .crc_and_size = squeezed.substr(squeezed.size() - kGzipTrailer),
                  .size = static_cast<std::uint32_t>(bytes.size()),
                  .offset = static_cast<std::uint32_t>(zip.size())};
    zip += "PK\x03\x04";
    put_description(zip, member, deflated);
    zip += name + member.packed;
    written.push_back(std::move(member));
  }
  const auto directory = static_cast<std::uint32_t>(zip.size());
  for (const Member& member : written) {
    zip += "PK\x01\x02";
    put(zip, 20, 2);
    put_description(zip, member, deflated);
    put(zip, 0, 4);  // comment, disk
    put(zip, 0, 2);  // internal attributes
    put(zip, 0, 4);  // external attributes
    put(zip, member.offset, 4);
    zip += member.name;
  }
  const auto end = static_cast<std::uint32_t>(zip.size());
  zip += "PK\x05\x06";
  put(zip, 0, 4);
  put(zip, static_cast<std::uint32_t>(written.size()), 2);
  put(zip, static_cast<std::uint32_t>(written.size()), 2);
  put(zip, end - directory, 4);
  put(zip, directory, 4);
  put(zip, 0, 2);
  return zip;
}

}  // namespace pawl::test
