#include "http/response_text.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace pawl::http {
namespace {

void append_value(std::string_view value, std::string& out) {
  for (const char c : value) out += c >= 0 && (c < 0x20 || c == 0x7f) ? ' ' : c;
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  append_value(name, out);
  out += ": ";
  append_value(value, out);
  out += "\r\n";
}

bool has_length(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string http_date(TimeMs time) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime t = civil_from_time(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(t.weekday)],
                     t.day, kMonths[static_cast<std::size_t>(t.month - 1)], t.year, t.hour, t.minute,
                     t.second);
}

bool is_sane_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void append_head(const Response& response, const HeadContext& context, std::string& out) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 reason_phrase(response.status));
  append_field("Date", context.date, out);
  if (!response.content_type.empty()) append_field("Content-Type", response.content_type, out);
  if (context.framing == Framing::length && has_length(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  }
  out += "X-Content-Type-Options: nosniff\r\n";
  if (!context.request_id.empty()) append_field("X-Request-Id", context.request_id, out);
  for (const auto& [name, value] : response.headers) append_field(name, value, out);
  if (!context.keep_alive) {
    out += "Connection: close\r\n";
  } else if (context.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace pawl::http
