#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace pawl {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to say "gzip, nothing else"

// zlib reads through a pointer to mutable bytes and never writes there; its counts are 32 bits wide.
void feed(z_stream& stream, std::string_view bytes) {
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
}

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, kGzipWindowBits) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

bool looks_like_gzip(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b");
}

Result<std::string> gunzip(std::string_view bytes, std::size_t limit) {
  if (!looks_like_gzip(bytes)) return fail(ErrorCode::bad_data, "not gzip: it does not start with 1f 8b");
  Inflater inflater;
  if (!inflater.ready()) return fail(ErrorCode::internal, "zlib cannot start: out of memory?");
  z_stream& stream = inflater.stream();
  std::string unpacked;
  std::vector<char> buffer(std::size_t{1} << 18);
  std::string_view rest = bytes;
  while (true) {
    feed(stream, rest);
    const uInt offered = stream.avail_in;
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    rest.remove_prefix(offered - stream.avail_in);
    const std::size_t position = bytes.size() - rest.size();
    const std::size_t made = buffer.size() - stream.avail_out;
    if (made > limit - unpacked.size()) {
      return fail(ErrorCode::bad_data, "gzip: unpacks to more than {} bytes, which is the limit here", limit);
    }
    unpacked.append(buffer.data(), made);
    if (code == Z_STREAM_END) {
      if (rest.empty()) return unpacked;
      if (!looks_like_gzip(rest)) {
        return fail(ErrorCode::bad_data, "gzip: {} bytes of something else follow the end at byte {}",
                    rest.size(), position);
      }
      if (inflateReset(&stream) != Z_OK) return fail(ErrorCode::internal, "zlib cannot start again");
      continue;
    }
    if (code == Z_BUF_ERROR || (code == Z_OK && rest.empty() && stream.avail_out != 0)) {
      return fail(ErrorCode::bad_data, "gzip: cut short after {} bytes; fetch the file again", bytes.size());
    }
    if (code != Z_OK) {
      return fail(ErrorCode::bad_data, "gzip: damaged near byte {}: {}", position,
                  stream.msg != nullptr ? stream.msg : "no reason given");
    }
  }
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string packed;
  std::vector<char> buffer(std::size_t{1} << 16);
  int code = Z_OK;
  while (code == Z_OK || code == Z_BUF_ERROR) {
    feed(stream, bytes);
    const uInt offered = stream.avail_in;
    const bool last = offered == bytes.size();
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    code = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    bytes.remove_prefix(offered - stream.avail_in);
    packed.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return packed;
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace pawl
