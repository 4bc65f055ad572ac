#include "base/bytes.h"

#include <algorithm>
#include <bit>
#include <concepts>

namespace pawl {
namespace {

template <std::unsigned_integral T>
void append_little_endian(std::string& bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
}

template <std::unsigned_integral T>
T from_little_endian(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value = static_cast<T>(value |
                           static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i)));
  }
  return value;
}

}  // namespace

void ByteWriter::u8(std::uint8_t value) {
  append_little_endian(bytes_, value);
}
void ByteWriter::u32(std::uint32_t value) {
  append_little_endian(bytes_, value);
}
void ByteWriter::u64(std::uint64_t value) {
  append_little_endian(bytes_, value);
}
void ByteWriter::i64(std::int64_t value) {
  u64(std::bit_cast<std::uint64_t>(value));
}
void ByteWriter::f64(double value) {
  u64(std::bit_cast<std::uint64_t>(value));
}

void ByteWriter::text(std::string_view value) {
  u64(value.size());
  bytes_ += value;
}

void ByteWriter::doubles(std::span<const double> values) {
  u64(values.size());
  for (const double value : values) f64(value);
}

std::string_view ByteReader::take(std::size_t count) {
  if (!ok_ || count > bytes_.size() - position_) {
    ok_ = false;
    return {};
  }
  position_ += count;
  return bytes_.substr(position_ - count, count);
}

std::uint8_t ByteReader::u8() {
  return from_little_endian<std::uint8_t>(take(1));
}
std::uint32_t ByteReader::u32() {
  return from_little_endian<std::uint32_t>(take(4));
}
std::uint64_t ByteReader::u64() {
  return from_little_endian<std::uint64_t>(take(8));
}
std::int64_t ByteReader::i64() {
  return std::bit_cast<std::int64_t>(u64());
}
double ByteReader::f64() {
  return std::bit_cast<double>(u64());
}

std::string ByteReader::text() {
  return std::string(take(u64()));
}

std::vector<double> ByteReader::doubles() {
  const std::uint64_t count = u64();
  // Before anything is allocated: a damaged count must not ask for the whole memory.
  if (count > (bytes_.size() - position_) / sizeof(double)) ok_ = false;
  if (!ok_) return {};
  std::vector<double> values(count);
  for (double& value : values) value = f64();
  return values;
}

void ByteReader::doubles_into(std::span<double> values) {
  const std::uint64_t count = u64();
  if (count != values.size() || count > (bytes_.size() - position_) / sizeof(double)) ok_ = false;
  for (double& value : values) value = f64();
}

}  // namespace pawl
