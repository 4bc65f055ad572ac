// A request and a response as handlers see them: plain values, no library of the wire in sight.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl::http {

// Whether two texts are the same but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

// Header fields in the order they came, found by name in any case. One text holds them all, so that a request
// costs two allocations however many fields it has, and copies keep their views valid.
class Headers {
 public:
  void add(std::string_view name, std::string_view value);
  // The value of the first field of that name; empty where there is none. Valid until the next add or clear.
  std::string_view find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  std::size_t size() const { return fields_.size(); }
  std::string_view name(std::size_t i) const { return view(fields_[i].name); }
  std::string_view value(std::size_t i) const { return view(fields_[i].value); }
  // Forgets the fields and keeps the memory.
  void clear();

 private:
  struct Part {
    std::uint32_t begin = 0, size = 0;
  };
  struct Field {
    Part name, value;
  };
  Part append(std::string_view text);
  std::string_view view(Part part) const { return std::string_view(text_).substr(part.begin, part.size); }

  std::string text_;
  std::vector<Field> fields_;
};

using NamedValues = std::vector<std::pair<std::string, std::string>>;

// Readable bytes that stand behind a request body's last one, as simdjson wants them.
inline constexpr std::size_t kBodyPadding = 64;

struct Request {
  std::string method;  // as sent: "GET", "POST"; a HEAD stays "HEAD" here
  std::string path;    // without the query, percent-encoding as sent; text, never a path of the file system
  NamedValues query;   // decoded, in the order they came
  NamedValues path_values;  // decoded values of the pattern's {names}
  Headers headers;
  // Its capacity is at least size() + kBodyPadding, so that a JSON parser may read it in place:
  //   simdjson::padded_string_view(body.data(), body.size(), body.capacity())
  // One NUL byte at its end is taken off: MetaTrader's expert advisors send one.
  std::string body;
  std::string peer;        // the address it came from, without the port
  std::string request_id;  // the client's X-Request-Id where it is sane, else made here

  // Empty where there is no such field.
  std::string_view header(std::string_view name) const { return headers.find(name); }
  // The first value of that name in the query; nothing where there is none.
  std::optional<std::string_view> query_value(std::string_view name) const;
  // Empty where the pattern has no such name.
  std::string_view path_value(std::string_view name) const;
  // As new, with the memory kept.
  void clear();
};

// Makes a body that keeps the promise of Request::body, for tests and for requests that did not come by wire.
std::string padded_body(std::string_view text);

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  NamedValues headers;  // beside Content-Type, Content-Length, Connection and X-Request-Id
};

// "Not Found" for 404; "Unknown" for a number that HTTP does not know.
std::string_view reason_phrase(int status);

Response json_response(const Json& value, int status = 200);

// RFC 9457, application/problem+json: type, title, status, detail and our stable `code`. The server adds the
// request_id as it sends it.
Response problem(int status, std::string_view code, std::string_view detail);

// {"error":"…"}, as the original programs answered.
Response legacy_error(int status, std::string_view detail);

// The one of the two that the route speaks.
Response refusal(int status, std::string_view code, std::string_view detail, bool legacy);

// 400 for words and data that are off or too few, 404, 409, 503 where the operating system said no, 500 for
// what is corrupt or internal.
int status_of(ErrorCode code);
Response error_response(const Error& error, bool legacy);

// Puts "request_id" into a problem's body; leaves every other response as it is.
void add_request_id(Response& response, std::string_view request_id);

}  // namespace pawl::http
