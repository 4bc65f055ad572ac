// Little-endian binary writing and length-checked reading, for feature state, job folders and caches.
// Doubles go by their bits, so NaN payloads and signed zeros survive.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl {

class ByteWriter {
 public:
  void u8(std::uint8_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void i64(std::int64_t value);
  void f64(double value);
  void text(std::string_view value);             // length, then bytes
  void doubles(std::span<const double> values);  // count, then bits
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what ByteWriter wrote. After a read past the end, or a length that cannot be, ok() is false for
// good and every read gives zero or empty: check once at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64();
  double f64();
  std::string text();
  std::vector<double> doubles();
  void doubles_into(std::span<double> values);  // the count must be that of the span
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && position_ == bytes_.size(); }

 private:
  std::string_view take(std::size_t count);
  std::string_view bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace pawl
