// One HTTP GET over a plain socket, for looking whether a server of this machine answers. Nothing more: no
// names to resolve, no TLS, no redirects.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace pawl::app {

struct HttpAnswer {
  int status = 0;
  std::string body;  // its first 64 kB
};

// "http://127.0.0.1:8080/readyz", with an IP address ("http://[::1]:8080/") or localhost. The whole exchange
// ends within `timeout`. invalid_argument where it is no such URL; not_found where nothing listens there; io
// where the answer does not come in time, or is none of HTTP's.
Result<HttpAnswer> http_get(std::string_view url, DurationMs timeout);

}  // namespace pawl::app
