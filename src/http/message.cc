#include "http/message.h"

#include <algorithm>

namespace pawl::http {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Whatever bytes a message quotes, the text that goes out is UTF-8.
std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

Headers::Part Headers::append(std::string_view text) {
  const Part part{static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(text.size())};
  text_ += text;
  return part;
}

void Headers::add(std::string_view name, std::string_view value) {
  const Part name_part = append(name);
  fields_.push_back({name_part, append(value)});
}

std::string_view Headers::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name.size == name.size() && same_word(view(field.name), name)) return view(field.value);
  }
  return {};
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields_.begin(), fields_.end(), [&](const Field& field) { return same_word(view(field.name), name); }));
}

void Headers::clear() {
  text_.clear();
  fields_.clear();
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view Request::path_value(std::string_view name) const {
  for (const auto& [key, value] : path_values) {
    if (key == name) return value;
  }
  return {};
}

void Request::clear() {
  method.clear();
  path.clear();
  query.clear();
  path_values.clear();
  headers.clear();
  body.clear();
  peer.clear();
  request_id.clear();
}

std::string padded_body(std::string_view text) {
  std::string body;
  body.reserve(text.size() + kBodyPadding);
  body = text;
  return body;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

Response json_response(const Json& value, int status) {
  Response response;
  response.status = status;
  response.body = dump(value);
  return response;
}

Response problem(int status, std::string_view code, std::string_view detail) {
  Response response = json_response({{"type", "about:blank"},
                                     {"title", reason_phrase(status)},
                                     {"status", status},
                                     {"detail", detail},
                                     {"code", code}},
                                    status);
  response.content_type = kProblemType;
  return response;
}

Response legacy_error(int status, std::string_view detail) {
  return json_response({{"error", detail}}, status);
}

Response refusal(int status, std::string_view code, std::string_view detail, bool legacy) {
  return legacy ? legacy_error(status, detail) : problem(status, code, detail);
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::bad_config:
    case ErrorCode::bad_data:
    case ErrorCode::insufficient_data:
      return 400;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::cancelled:
    case ErrorCode::io:
      return 503;
    case ErrorCode::corrupt:
    case ErrorCode::internal:
      break;
  }
  return 500;
}

Response error_response(const Error& error, bool legacy) {
  return refusal(status_of(error.code), code_name(error.code), error.message, legacy);
}

void add_request_id(Response& response, std::string_view request_id) {
  if (response.content_type != kProblemType || !response.body.ends_with('}')) return;
  response.body.pop_back();
  response.body += fmt::format(R"(,"request_id":{}}})", json_quote(request_id));
}

}  // namespace pawl::http
