// The HTTP/1.1 server: sockets, limits and deadlines. What is answered is the router's business.
//
//   auto server = Server::start({.port = 5000}, router, guard, observer);
//   …
//   (*server)->stop();
//
// Each thread has its own event loop and its own connections; a connection never changes threads. What a
// slow, silent or malicious client can cost is bounded by the options below and by nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/time.h"
#include "http/router.h"

namespace pawl::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses, Server::port() tells
  int threads = 1;
  std::size_t body_bytes_max = 4 << 20;     // more is 413, before it is read where the length was said
  std::size_t header_bytes_max = 16 << 10;  // request line and fields; more is 431
  int connections_max = 20'000;             // those above are answered 503 and closed
  // A whole header, from its first byte and, for a connection's first, from accepting it; a whole body; the
  // silence between two requests; a whole response on its way out. Bytes that dribble in extend none of them;
  // 0 is for ever.
  DurationMs header_deadline_ms = 10'000;
  DurationMs body_deadline_ms = 30'000;
  DurationMs idle_deadline_ms = 75'000;
  DurationMs write_deadline_ms = 30'000;
  DurationMs ping_ms = 15'000;             // the comment that keeps an event stream open
  std::size_t stream_bytes_max = 1 << 20;  // a stream's client that lags behind by more is closed
  Log log;                                 // what is a bug: a handler's exception
};

// Asked before the body is read, so that a stranger's upload costs nothing: what it answers is sent instead
// of calling the handler. Asked with no_route() where no route matched, before the 404 or 405. Any server
// thread.
using Guard = std::function<std::optional<Response>(const Request&, const Route&)>;

// Told of every answer once it has been handed to the system; `seconds` from the end of the request's header.
// The pattern is empty where no route matched or the request was none; its fields may be empty then. A stream
// is told of as it begins. Any server thread.
using Observer =
    std::function<void(const Request&, const Response&, double seconds, std::string_view pattern)>;

struct ServerStats {
  std::int64_t open = 0;           // connections now
  std::int64_t accepted = 0;       // ever, the refused left out
  std::int64_t refused = 0;        // 503 above connections_max
  std::int64_t accept_pauses = 0;  // the process was out of file descriptors or memory
  std::int64_t parse_errors = 0;   // 400, 413 and 431 of the wire
  std::int64_t timeouts = 0;       // closed at a deadline, the silent between two requests among them
};

class Server {
 public:
  // Listens and serves when it returns. Raises the process's limit of open files to what it may. Errors: an
  // address that is none, a port that is taken (io). `guard` and `observer` may be empty.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, std::shared_ptr<const Router> router,
                                               Guard guard = {}, Observer observer = {});
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  ServerStats stats() const;

  // Runs the function soon, once on each server thread, between two requests; returns at once. For dropping
  // what threads keep for themselves. Not run where the server has stopped.
  void post_all(const std::function<void()>& work);
  // Has every event stream polled soon. Cheap; calls that come together count as one.
  void wake();
  // Accepts no more, ends idle connections and streams, lets requests in flight finish for a second, closes
  // the rest and joins: under two seconds, where no handler blocks for longer. May be called again, from any
  // thread but the server's own.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::http
