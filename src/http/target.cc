#include "http/target.h"

#include <algorithm>

namespace pawl::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that an escape at `at` stands for, or −1 where there is none.
int escaped_byte(std::string_view text, std::size_t at) {
  if (text[at] != '%' || text.size() - at < 3) return -1;
  const int high = hex_digit(text[at + 1]), low = hex_digit(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool is_control(int byte) {
  return (byte >= 0 && byte < 0x20) || byte == 0x7f;
}

std::string decode_form(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int byte = escaped_byte(text, i);
    if (byte >= 0) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

NamedValues parse_query(std::string_view query) {
  NamedValues values;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (name.empty()) continue;
    const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    values.emplace_back(decode_form(name), decode_form(value));
  }
  return values;
}

Status parse_target(std::string_view target, Request& request) {
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (is_control(static_cast<unsigned char>(target[i])) || is_control(escaped_byte(target, i))) {
      return fail(ErrorCode::bad_data, "the request's target holds a control character; leave it out");
    }
  }
  target = target.substr(0, target.find('#'));
  std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query = target.substr(std::min(target.size(), path.size() + 1));
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (path.size() < scheme.size() || !same_word(path.substr(0, scheme.size()), scheme)) continue;
    const std::size_t slash = path.find('/', scheme.size());
    path = slash == std::string_view::npos ? "/" : path.substr(slash);
    break;
  }
  if (path != "*" && !path.starts_with('/')) {
    return fail(ErrorCode::bad_data, "the request's target must begin with \"/\"");
  }
  request.path = path;
  request.query = parse_query(query);
  return {};
}

}  // namespace pawl::http
