// A response's head as text, pure.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"

namespace pawl::http {

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(TimeMs time);

// Whether a client's X-Request-Id may be echoed and logged: 1 to 128 visible ASCII characters.
bool is_sane_request_id(std::string_view id);

enum class Framing {
  length,  // Content-Length says where the body ends
  close,   // the end of the connection does: event streams
};
struct HeadContext {
  std::string_view request_id;
  std::string_view date;
  Framing framing = Framing::length;
  bool keep_alive = true;
  bool http_1_0 = false;  // must be told that the connection is kept
};

// Appends the status line, the fields and the empty line. Control characters in values become spaces, so that
// no value can pose as a field of its own. 1xx, 204 and 304 get no Content-Length.
void append_head(const Response& response, const HeadContext& context, std::string& out);

}  // namespace pawl::http
