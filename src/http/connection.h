// One client's connection: reads requests, has them answered, writes the answers, in order, until one side
// has had enough. Lives as long as its coroutine runs. Its loop's thread only. Internal to the room: this
// header includes Boost.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/event_loop.h"
#include "http/request_parser.h"

namespace pawl::http {

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(EventLoop& loop, Socket socket, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // What the sweep asks: is it time to give up on this client?
  void check_deadline(double now);
  // There may be something for a stream to send.
  void wake();
  // Ends what waits for the client; lets what it asked for come to its end.
  void begin_stop();
  // Ends it, whatever it does.
  void abort();
  // The answer of an asynchronous handler, unless that exchange is over.
  void take_reply(std::uint64_t exchange, Response response);

  std::size_t place = 0;  // in the loop's list

 private:
  enum class Phase { idle, head, body, handling, writing, streaming, lingering };
  // What the coroutine does next; everything between two waits is plain functions that say so.
  enum class Step { read, next, write_more, await_reply, stream, linger, close };

  static IoTask serve(std::shared_ptr<Connection> self);
  IoTask await_reply();
  IoTask run_stream();

  Step on_readable();
  Step read_body();
  Step take(std::string_view bytes);
  void keep_pending(std::string_view rest);
  void begin_request();
  Step on_head(bool more_has_come);
  void identify();
  std::optional<Response> refuse_by_rule(const Match& match);
  Step dispatch();
  Step answer(const SyncHandler& handler);
  Step answer(const AsyncHandler& handler);
  Step answer(const StreamHandler& handler);
  Step on_fault(int status, std::string_view detail);
  Step respond(Response response);
  Step on_timeout();
  Step write_response(Response& response);
  Step write_more();
  Step after_response();
  Step discard();
  bool pump_stream();
  bool write_out();
  void enter(Phase phase, DurationMs deadline_ms);
  void log_bug(std::string_view what) const;

  EventLoop& loop_;
  Socket socket_;
  std::string peer_;
  double deadline_ = std::numeric_limits<double>::infinity();
  Phase phase_ = Phase::idle;
  bool first_ = true;     // no request has been answered yet
  bool expired_ = false;  // its deadline went by in the middle of a request
  bool aborted_ = false;
  bool keep_alive_ = true;
  bool linger_ = false;  // the client may be sending still: hear it out, or it never reads our answer
  bool head_only_ = false;
  bool http_1_0_ = false;
  bool legacy_ = false;
  bool refused_ = false;  // `response_` stands already; only the body is to be read off

  std::unique_ptr<RequestParser> parser_;  // while a request comes in
  std::string pending_;                    // read, not yet taken
  std::size_t pending_at_ = 0;
  std::shared_ptr<Request> request_;  // while it is answered
  const Route* route_ = nullptr;
  std::optional<Response> response_;
  std::unique_ptr<EventStream> stream_;
  double started_ = 0;
  double sent_at_ = 0;
  std::uint64_t exchange_ = 0;
  Timer* waker_ = nullptr;  // what the coroutine waits on while it waits for no socket
  std::string out_;         // what the system did not take at once
  std::size_t out_at_ = 0;
};

}  // namespace pawl::http
