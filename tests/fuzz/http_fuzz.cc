// Bytes of the wire, in pieces: the parser must say the same however they are cut, keep its limits, and never
// fall over. The first byte is the size of the pieces; the rest is what a client sent.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "http/request_parser.h"
#include "http/target.h"

namespace {

using pawl::http::Request;
using pawl::http::RequestParser;

constexpr std::size_t kBodyMax = 1000, kHeaderMax = 1 << 20;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  bool done = false;
  int fault = 0;
  Request request;
};

Outcome parse(std::string_view bytes, std::size_t piece) {
  const auto request = std::make_shared<Request>();
  RequestParser parser(request, {.header_bytes_max = kHeaderMax, .body_bytes_max = kBodyMax});
  std::string pending;
  while (!bytes.empty() && !parser.fault() && !parser.done()) {
    pending += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (!pending.empty() && !parser.fault() && !parser.done()) {
      const std::size_t used = parser.feed(pending);
      require(used <= pending.size());
      pending.erase(0, used);
      if (used == 0) break;
    }
    require(request->body.size() <= kBodyMax);
  }
  Outcome outcome;
  if (parser.fault()) {
    outcome.fault = parser.fault()->status;
    return outcome;
  }
  outcome.done = parser.done();
  if (!outcome.done) return outcome;
  parser.finish_body();
  require(request->body.capacity() >= request->body.size() + pawl::http::kBodyPadding);
  if (parse_target(parser.target(), *request)) {
    require(request->path == "*" || request->path.starts_with('/'));
    require(request->path.find('\0') == std::string::npos);
  }
  outcome.request = *request;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(data + 1, data + size);
  const Outcome whole = parse(bytes, bytes.size()), cut = parse(bytes, data[0] % 16 + std::size_t{1});
  require(whole.done == cut.done);  // what is wrong may be seen sooner or later, but is seen
  require(whole.request.method == cut.request.method && whole.request.path == cut.request.path);
  require(whole.request.query == cut.request.query && whole.request.body == cut.request.body);
  require(whole.request.headers.size() == cut.request.headers.size());
  require(pawl::http::percent_decode(bytes).size() <= bytes.size());
  return 0;
}
