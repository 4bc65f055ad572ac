#include "base/zip.h"

#include <zip.h>

#include <algorithm>
#include <memory>

namespace pawl {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Member = std::unique_ptr<zip_file_t, CloseMember>;

std::string reason_of(zip_error_t& error) {
  std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return reason;
}

Result<Archive> open_archive(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return fail(ErrorCode::internal, "libzip cannot start: {}", reason_of(error));
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    return fail(ErrorCode::bad_data, "zip: damaged or cut short: {}", reason_of(error));
  }
  return Archive(archive);
}

}  // namespace

bool looks_like_zip(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

Result<std::vector<std::string>> zip_names(std::string_view bytes) {
  auto archive = open_archive(bytes);
  if (!archive) return propagate(archive);
  std::vector<std::string> names;
  const zip_int64_t count = zip_get_num_entries(archive->get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive->get(), static_cast<zip_uint64_t>(i), 0);
    if (name == nullptr) return fail(ErrorCode::bad_data, "zip: the name of entry {} is damaged", i);
    if (*name != '\0' && !std::string_view(name).ends_with('/')) names.emplace_back(name);
  }
  return names;
}

Result<std::string> unzip(std::string_view bytes, const std::string& name, std::size_t limit) {
  auto archive = open_archive(bytes);
  if (!archive) return propagate(archive);
  const Member member(zip_fopen(archive->get(), name.c_str(), 0));
  if (member == nullptr) {
    return fail(ErrorCode::bad_data, "zip: cannot open \"{}\" in it: {}", name, zip_strerror(archive->get()));
  }
  std::string unpacked;
  std::vector<char> buffer(std::size_t{1} << 18);
  while (true) {
    const zip_int64_t made = zip_fread(member.get(), buffer.data(), buffer.size());
    if (made < 0) {
      return fail(ErrorCode::bad_data, "zip: \"{}\" in it is damaged: {}", name,
                  zip_file_strerror(member.get()));
    }
    if (made == 0) return unpacked;
    // The size that the archive states is not believed: what comes out is counted.
    if (static_cast<std::size_t>(made) > limit - std::min(limit, unpacked.size())) {
      return fail(ErrorCode::bad_data, "zip: \"{}\" unpacks to more than {} bytes, which is the limit here",
                  name, limit);
    }
    unpacked.append(buffer.data(), static_cast<std::size_t>(made));
  }
}

}  // namespace pawl
