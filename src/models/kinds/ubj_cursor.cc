#include "models/kinds/ubj_cursor.h"

#include <bit>

namespace pawl::models {
namespace {

// Most significant byte first, as UBJ has it.
std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::size_t size_of(char type) {
  switch (type) {
    case 'i':
    case 'U':
      return 1;
    case 'I':
      return 2;
    case 'l':
    case 'd':
      return 4;
    case 'L':
      return 8;
    default:
      return 0;
  }
}

}  // namespace

void UbjCursor::refuse(std::string_view reason) {
  if (ok()) reason_ = fmt::format("at byte {}: {}", position_, reason);
}

std::string_view UbjCursor::take(std::uint64_t count) {
  if (!ok()) return {};
  if (count > bytes_.size() - position_) {
    refuse("the bytes end too early");
    return {};
  }
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

void UbjCursor::punctuation(char expected) {
  const std::string_view found = take(1);
  if (ok() && found[0] != expected) refuse(fmt::format("'{}' is missing", expected));
}

std::uint64_t UbjCursor::count() {
  punctuation('L');
  return big_endian(take(8));
}

void UbjCursor::key(std::string_view name) {
  const std::string_view found = take(count());
  if (ok() && found != name) refuse(fmt::format("'{}' is missing", name));
}

std::string_view UbjCursor::text() {
  punctuation('S');
  return take(count());
}

void UbjCursor::exact_text(std::string_view expected) {
  const std::string_view found = text();
  if (ok() && found != expected) refuse(fmt::format("a setting is not \"{}\"", expected));
}

std::int64_t UbjCursor::integer() {
  const std::string_view type = take(1);
  if (!ok()) return 0;
  const char kind = type[0];
  if (kind != 'i' && kind != 'I' && kind != 'l' && kind != 'L') {
    refuse("a whole number is missing");
    return 0;
  }
  const std::size_t size = size_of(kind);
  const std::uint64_t value = big_endian(take(size));
  const auto shift = static_cast<int>(64 - 8 * size);
  return static_cast<std::int64_t>(value << shift) >> shift;  // carries the sign up
}

std::uint64_t UbjCursor::open_list() {
  punctuation('[');
  punctuation('#');
  const std::uint64_t items = count();
  if (ok() && items > bytes_.size() - position_) refuse("a list is longer than the bytes");
  return ok() ? items : 0;
}

std::uint64_t UbjCursor::open_typed_list(char type) {
  punctuation('[');
  punctuation('$');
  punctuation(type);
  punctuation('#');
  const std::uint64_t items = count();
  if (ok() && items > (bytes_.size() - position_) / size_of(type)) refuse("a list is longer than the bytes");
  return ok() ? items : 0;
}

void UbjCursor::floats(std::vector<float>& out) {
  const std::uint64_t items = open_typed_list('d');
  const std::string_view raw = take(items * 4);
  for (std::size_t i = 0; i < raw.size(); i += 4) {
    out.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(big_endian(raw.substr(i, 4)))));
  }
}

void UbjCursor::ints(std::vector<std::int32_t>& out) {
  const std::uint64_t items = open_typed_list('l');
  const std::string_view raw = take(items * 4);
  for (std::size_t i = 0; i < raw.size(); i += 4) {
    out.push_back(std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(big_endian(raw.substr(i, 4)))));
  }
}

void UbjCursor::bytes(std::vector<std::uint8_t>& out) {
  const std::uint64_t items = open_typed_list('U');
  for (const char byte : take(items)) out.push_back(static_cast<std::uint8_t>(byte));
}

}  // namespace pawl::models
