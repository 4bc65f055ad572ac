#include "base/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace pawl {
namespace {

// Deeper texts are nobody's data, and printing or walking them would exhaust the stack.
constexpr int kMaxDepth = 256;

std::string place_of_byte(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return fmt::format("line {}, column {} (byte {})", line, column, byte);
}

// The byte at which the nesting gets too deep, or the size of the text.
std::size_t first_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return i;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return text.size();
}

// The library starts its messages with "[json.exception.parse_error.101] parse error at line 1, column 2: ".
std::string_view reason_of(const Json::exception& error) {
  std::string_view reason = error.what();
  if (const auto bracket = reason.find("] "); bracket != std::string_view::npos)
    reason.remove_prefix(bracket + 2);
  if (const auto colon = reason.find(": ");
      reason.starts_with("parse error at") && colon != std::string_view::npos) {
    reason.remove_prefix(colon + 2);
  }
  return reason;
}

Result<const Json*> field_of(const Json& object, std::string_view field) {
  if (!object.is_object()) {
    return fail(ErrorCode::bad_data, "field \"{}\" is looked for in JSON that is {}, not an object", field,
                object.type_name());
  }
  const auto found = object.find(field);
  if (found == object.end()) return fail(ErrorCode::bad_data, "field \"{}\" is missing", field);
  return &*found;
}

std::unexpected<Error> wrong_type(std::string_view field, std::string_view wanted, const Json& value) {
  return fail(ErrorCode::bad_data, "field \"{}\" must be {}, not {}", field, wanted, value.type_name());
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (const std::size_t deep = first_too_deep(text); deep < text.size()) {
    return fail(ErrorCode::bad_data, "JSON at {}: nested more than {} deep", place_of_byte(text, deep),
                kMaxDepth);
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    return fail(ErrorCode::bad_data, "JSON at {}: {}", place_of_byte(text, error.byte), reason_of(error));
  } catch (const Json::exception& error) {
    return fail(ErrorCode::bad_data, "JSON: {}", reason_of(error));
  }
}

Json json_number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Result<double> json_double(const Json& object, std::string_view field) {
  const auto value = field_of(object, field);
  if (!value) return propagate(value);
  if ((*value)->is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!(*value)->is_number()) return wrong_type(field, "a number or null", **value);
  return (*value)->get<double>();
}

Result<std::int64_t> json_int(const Json& object, std::string_view field) {
  const auto value = field_of(object, field);
  if (!value) return propagate(value);
  if (!(*value)->is_number_integer()) return wrong_type(field, "an integer", **value);
  if ((*value)->is_number_unsigned() &&
      (*value)->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return fail(ErrorCode::bad_data, "field \"{}\" is too large: {}", field, (*value)->get<std::uint64_t>());
  }
  return (*value)->get<std::int64_t>();
}

Result<std::string> json_string(const Json& object, std::string_view field) {
  const auto value = field_of(object, field);
  if (!value) return propagate(value);
  if (!(*value)->is_string()) return wrong_type(field, "a string", **value);
  return (*value)->get<std::string>();
}

Result<bool> json_bool(const Json& object, std::string_view field) {
  const auto value = field_of(object, field);
  if (!value) return propagate(value);
  if (!(*value)->is_boolean()) return wrong_type(field, "true or false", **value);
  return (*value)->get<bool>();
}

std::string json_quote(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (plain) return fmt::format("\"{}\"", text);
  // Bytes that are no UTF-8 become U+FFFD: the line stays JSON.
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_double_text(double value) {
  if (!std::isfinite(value)) return "null";
  // "-0" would read back as the integer 0.
  if (value == 0 && std::signbit(value)) return "-0.0";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

}  // namespace pawl
