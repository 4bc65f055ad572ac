#include "http/connection.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "http/response_text.h"
#include "http/target.h"

namespace pawl::http {
namespace {

namespace asio = boost::asio;

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr DurationMs kLingerMs = 2 * kSecondMs;
// A refused request's body up to this size is read off, so that the connection can be kept.
constexpr std::size_t kReadOffBytes = 64 << 10;
constexpr std::size_t kReadBytes = 64 << 10;
constexpr int kPollsInARow = 64;

// What all copies of one Reply share.
class ReplyOnce {
 public:
  ReplyOnce(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection, std::uint64_t exchange)
      : mailbox_(std::move(mailbox)), connection_(std::move(connection)), exchange_(exchange) {}
  ReplyOnce(const ReplyOnce&) = delete;
  ReplyOnce& operator=(const ReplyOnce&) = delete;
  ~ReplyOnce() { send(problem(500, "internal", "the request was dropped without an answer")); }

  void send(Response response) {
    if (sent_.exchange(true)) return;
    // Only the connection's own thread may hold it: the last holder closes the socket.
    mailbox_->post([connection = connection_, exchange = exchange_, answer = std::move(response)]() mutable {
      if (const auto held = connection.lock()) held->take_reply(exchange, std::move(answer));
    });
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::weak_ptr<Connection> connection_;
  std::uint64_t exchange_;
  std::atomic<bool> sent_ = false;
};

bool only_blocked(const IoError& error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

}  // namespace

Connection::Connection(EventLoop& loop, Socket socket, std::string peer)
    : loop_(loop), socket_(std::move(socket)), peer_(std::move(peer)) {
  loop_.add(*this);
  enter(Phase::idle, loop_.shared().options.header_deadline_ms);
}

Connection::~Connection() {
  loop_.remove(*this);
  --loop_.shared().counters.open;
}

void Connection::start() {
  asio::co_spawn(loop_.io().get_executor(), serve(shared_from_this()), asio::detached);
}

void Connection::enter(Phase phase, DurationMs deadline_ms) {
  phase_ = phase;
  deadline_ = deadline_ms > 0 ? loop_.now() + static_cast<double>(deadline_ms) * 1e-3 : kNever;
}

void Connection::log_bug(std::string_view what) const {
  loop_.shared().options.log.error(fmt::format("http: {} {}: a handler failed with an exception: {}",
                                               request_ ? request_->method : "",
                                               request_ ? request_->path : "", what));
}

void Connection::check_deadline(double now) {
  if (now < deadline_) return;
  deadline_ = kNever;
  if (phase_ != Phase::lingering) ++loop_.shared().counters.timeouts;
  if (phase_ == Phase::head || phase_ == Phase::body) {
    expired_ = true;
    IoError ignored;
    socket_.cancel(ignored);
  } else {
    abort();
  }
}

void Connection::wake() {
  if (waker_ != nullptr) waker_->cancel();
}

void Connection::begin_stop() {
  if (phase_ == Phase::idle || phase_ == Phase::lingering) abort();
  if (phase_ == Phase::streaming) wake();
}

void Connection::abort() {
  aborted_ = true;
  IoError ignored;
  socket_.close(ignored);
  wake();
}

void Connection::take_reply(std::uint64_t exchange, Response response) {
  if (exchange != exchange_ || phase_ != Phase::handling || response_) return;
  response_ = std::move(response);
  wake();
}

// The whole life; each step between two waits runs without interruption.
IoTask Connection::serve(std::shared_ptr<Connection> self) {
  Connection& own = *self;
  IoError error;
  Step step = Step::read;
  try {
    while (step != Step::close) {
      switch (step) {
        case Step::read:
          co_await own.socket_.async_wait(Socket::wait_read, resume_with(error));
          step = own.on_readable();
          break;
        case Step::write_more:
          co_await own.socket_.async_wait(Socket::wait_write, resume_with(error));
          step = own.write_more();
          break;
        case Step::next:
          step = own.take(std::string_view(own.pending_).substr(own.pending_at_));
          break;
        case Step::await_reply:
          co_await own.await_reply();
          own.loop_.read_clock();
          step = own.response_ ? own.write_response(*own.response_) : Step::close;
          break;
        case Step::stream:
          co_await own.run_stream();
          step = Step::close;
          break;
        case Step::linger:
          co_await own.socket_.async_wait(Socket::wait_read, resume_with(error));
          step = own.discard();
          break;
        case Step::close:
          break;
      }
    }
  } catch (const std::exception& failure) {
    own.loop_.shared().options.log.error(
        fmt::format("http: a connection of {} was dropped: {}", own.peer_, failure.what()));
  }
  own.socket_.shutdown(Socket::shutdown_both, error);
  own.socket_.close(error);
}

Connection::Step Connection::on_readable() {
  if (aborted_) return Step::close;
  loop_.read_clock();
  if (expired_) return on_timeout();
  if (phase_ == Phase::body && pending_.empty() && parser_->body_bytes_missing() > 0) return read_body();
  std::string& scratch = loop_.scratch();
  IoError error;
  const std::size_t count = socket_.read_some(asio::buffer(scratch.data(), scratch.size()), error);
  if (only_blocked(error)) return Step::read;
  if (error) return Step::close;
  const std::string_view bytes = std::string_view(scratch).substr(0, count);
  if (pending_.empty()) return take(bytes);
  pending_.erase(0, pending_at_);
  pending_at_ = 0;
  pending_ += bytes;
  return take(pending_);
}

// A body of declared length goes from the socket to where it stays.
Connection::Step Connection::read_body() {
  std::string& body = parser_->request()->body;
  while (true) {
    const std::size_t held = body.size();
    // Memory follows what has come, not what was announced.
    const std::size_t room = std::min(parser_->body_bytes_missing(), std::max(kReadBytes, held));
    body.reserve(held + room + kBodyPadding);
    IoError error;
    body.resize_and_overwrite(held + room, [&](char* bytes, std::size_t) {
      return held + socket_.read_some(asio::buffer(bytes + held, room), error);
    });
    if (only_blocked(error)) return Step::read;
    if (error) return Step::close;
    if (parser_->done()) return dispatch();
    if (body.size() < held + room) return Step::read;
  }
}

Connection::Step Connection::take(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!parser_) {
      // RFC 9112, 2.2: an empty line before a request is passed over.
      if (bytes.front() == '\r' || bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
      begin_request();
    }
    const bool in_head = !parser_->head_done();
    const std::size_t used = parser_->feed(bytes);
    bytes.remove_prefix(used);
    if (const auto& fault = parser_->fault()) {
      ++loop_.shared().counters.parse_errors;
      return on_fault(fault->status, fault->detail);
    }
    if (in_head && parser_->head_done()) {
      const Step step = on_head(!bytes.empty());
      if (step != Step::read) {
        keep_pending(bytes);
        return step;
      }
      continue;
    }
    if (parser_->done()) {
      const Step step = dispatch();
      keep_pending(bytes);
      return step;
    }
    if (used == 0) break;
  }
  keep_pending(bytes);
  return Step::read;
}

// `rest` is the end of pending_, or of a read that left nothing pending.
void Connection::keep_pending(std::string_view rest) {
  if (rest.empty()) {
    pending_ = std::string();
    pending_at_ = 0;
  } else if (pending_.empty()) {
    pending_ = rest;
    pending_at_ = 0;
  } else {
    pending_at_ = pending_.size() - rest.size();
  }
}

void Connection::begin_request() {
  const ServerOptions& options = loop_.shared().options;
  parser_ = std::make_unique<RequestParser>(loop_.take_request(),
                                            ParseLimits{options.header_bytes_max, options.body_bytes_max});
  phase_ = Phase::head;
  // A first request's time began when the connection was accepted.
  if (!first_) enter(Phase::head, options.header_deadline_ms);
  first_ = false;
  ++exchange_;
  route_ = nullptr;
  response_.reset();
  keep_alive_ = true;
  linger_ = head_only_ = http_1_0_ = legacy_ = refused_ = false;
}

void Connection::identify() {
  Request& request = *request_;
  request.peer = peer_;
  const std::string_view given = request.header("X-Request-Id");
  request.request_id = is_sane_request_id(given) ? std::string(given) : loop_.make_request_id();
  head_only_ = request.method == "HEAD";
}

// The head is known: whether anybody wants the body is decided now.
Connection::Step Connection::on_head(bool more_has_come) {
  request_ = parser_->request();
  identify();
  keep_alive_ = parser_->keep_alive();
  http_1_0_ = parser_->http_1_0();
  started_ = loop_.now();
  if (const Status target = parse_target(parser_->target(), *request_); !target) {
    ++loop_.shared().counters.parse_errors;
    return on_fault(400, target.error().message);
  }
  Match match = loop_.shared().router->match(request_->method, request_->path);
  request_->path_values = std::move(match.path_values);
  route_ = match.route;
  legacy_ = route_ != nullptr ? route_->legacy_errors : match.legacy_errors;
  std::optional<Response> refusal = refuse_by_rule(match);
  if (parser_->done()) {
    if (!refusal) return dispatch();
    return respond(std::move(*refusal));
  }
  enter(Phase::body, loop_.shared().options.body_deadline_ms);
  const std::size_t missing = parser_->body_bytes_missing();
  if (refusal) {
    if (missing == 0 || missing > kReadOffBytes || parser_->expects_continue()) {
      keep_alive_ = false;
      linger_ = true;
      return respond(std::move(*refusal));
    }
    response_ = std::move(refusal);
    refused_ = true;
  } else if (parser_->expects_continue() && !http_1_0_ && !more_has_come) {
    IoError error;
    socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), error);
    if (error) return Step::close;
  }
  return Step::read;
}

std::optional<Response> Connection::refuse_by_rule(const Match& match) {
  const Shared& shared = loop_.shared();
  if (shared.guard) {
    try {
      if (auto refusal = shared.guard(*request_, route_ != nullptr ? *route_ : no_route())) return refusal;
    } catch (const std::exception& bug) {
      log_bug(bug.what());
      return refusal(500, "internal", "the request could not be checked", legacy_);
    }
  }
  if (route_ != nullptr) return std::nullopt;
  if (match.allow.empty()) {
    return problem(404, "not_found",
                   fmt::format("there is nothing at {}; /openapi.json lists what there is", request_->path));
  }
  Response response = refusal(
      405, "method_not_allowed",
      fmt::format("{} is not for {}; it takes {}", request_->method, request_->path, match.allow), legacy_);
  response.headers.emplace_back("Allow", match.allow);
  return response;
}

Connection::Step Connection::dispatch() {
  if (refused_) return respond(std::move(*response_));
  parser_->finish_body();
  parser_.reset();
  enter(Phase::handling, 0);
  try {
    return std::visit([this](const auto& handler) { return answer(handler); }, route_->handler);
  } catch (const std::exception& bug) {
    log_bug(bug.what());
    return respond(refusal(500, "internal", "the server failed at this request; its log says why", legacy_));
  }
}

Connection::Step Connection::answer(const SyncHandler& handler) {
  return respond(handler(*request_));
}

Connection::Step Connection::answer(const AsyncHandler& handler) {
  const auto once = std::make_shared<ReplyOnce>(loop_.mailbox(), weak_from_this(), exchange_);
  handler(request_, [once](Response response) { once->send(std::move(response)); });
  return Step::await_reply;
}

Connection::Step Connection::answer(const StreamHandler& handler) {
  Response head{.content_type = "text/event-stream",
                .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
  if (head_only_) return respond(std::move(head));
  Result<std::unique_ptr<EventStream>> opened = handler(*request_);
  if (!opened) return respond(error_response(opened.error(), legacy_));
  stream_ = std::move(*opened);
  append_head(head,
              {.request_id = request_->request_id,
               .date = loop_.date(),
               .framing = Framing::close,
               .keep_alive = false},
              out_);
  if (loop_.shared().observer) loop_.shared().observer(*request_, head, 0, route_->pattern);
  return Step::stream;
}

IoTask Connection::await_reply() {
  Timer timer(loop_.io().get_executor(), Timer::time_point::max());
  waker_ = &timer;
  IoError error;
  while (!response_ && !aborted_) co_await timer.async_wait(resume_with(error));
  waker_ = nullptr;
}

IoTask Connection::run_stream() {
  enter(Phase::streaming, 0);
  Timer timer(loop_.io().get_executor(), Timer::time_point::max());
  waker_ = &timer;
  loop_.add_stream(*this);
  sent_at_ = loop_.now();
  IoError error;
  while (!aborted_ && !loop_.stopping() && pump_stream()) co_await timer.async_wait(resume_with(error));
  loop_.remove_stream(*this);
  waker_ = nullptr;
  stream_.reset();
}

// Sends what is ready; false where the stream or its client has come to an end.
bool Connection::pump_stream() {
  const ServerOptions& options = loop_.shared().options;
  char byte = 0;
  IoError error;
  // A client that hung up is told by its socket; what it says is of no interest.
  socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
  if (error && !only_blocked(error)) return false;
  for (int i = 0; i < kPollsInARow; ++i) {
    bool any = false, ended = false;
    try {
      ended = stream_->ended();  // before the poll, which then cannot miss what came last
      for (const std::string& text : stream_->poll()) {
        out_ += text;
        any = any || !text.empty();
      }
    } catch (const std::exception& bug) {
      log_bug(bug.what());
      return false;
    }
    if (out_.empty() && (loop_.now() - sent_at_) * 1e3 >= static_cast<double>(options.ping_ms))
      out_ = ": ping\n\n";
    if (!out_.empty() && !write_out()) return false;
    if (out_.size() - out_at_ > options.stream_bytes_max) return false;
    if (!out_.empty() && (loop_.now() - sent_at_) * 1e3 >= static_cast<double>(options.write_deadline_ms))
      return false;
    if (ended && out_.empty()) return false;
    if (!any || !out_.empty()) break;
  }
  return true;
}

// Has the system take what it will of out_; false where it never will.
bool Connection::write_out() {
  IoError error;
  const std::size_t sent =
      socket_.write_some(asio::buffer(out_.data() + out_at_, out_.size() - out_at_), error);
  if (error && !only_blocked(error)) return false;
  out_at_ += sent;
  if (sent > 0) sent_at_ = loop_.now();
  if (out_at_ == out_.size()) {
    out_ = std::string();
    out_at_ = 0;
  } else if (out_at_ > out_.size() / 2) {
    out_.erase(0, out_at_);
    out_at_ = 0;
  }
  return true;
}

// What came is no request, or too much of one. What follows on the wire cannot be trusted: the connection
// ends.
Connection::Step Connection::on_fault(int status, std::string_view detail) {
  if (!request_) {
    request_ = parser_->request();
    identify();
    started_ = loop_.now();
    if (parser_->head_done() && parse_target(parser_->target(), *request_)) {
      const Match match = loop_.shared().router->match(request_->method, request_->path);
      legacy_ = match.route != nullptr ? match.route->legacy_errors : match.legacy_errors;
    }
  }
  keep_alive_ = false;
  linger_ = true;
  constexpr std::string_view kCodes[] = {"timeout", "body_too_large", "header_too_large"};
  const std::string_view code = status == 408   ? kCodes[0]
                                : status == 413 ? kCodes[1]
                                : status == 431 ? kCodes[2]
                                                : "bad_request";
  route_ = nullptr;
  return respond(refusal(status, code, detail, legacy_));
}

Connection::Step Connection::on_timeout() {
  expired_ = false;
  if (!parser_) return Step::close;
  return on_fault(
      408, phase_ == Phase::head ? "the request's header took too long" : "the request's body took too long");
}

Connection::Step Connection::respond(Response response) {
  response_ = std::move(response);
  return write_response(*response_);
}

Connection::Step Connection::write_response(Response& response) {
  const Shared& shared = loop_.shared();
  keep_alive_ = keep_alive_ && !loop_.stopping();
  add_request_id(response, request_->request_id);
  std::string& head = loop_.head_text();
  head.clear();
  append_head(response,
              {.request_id = request_->request_id,
               .date = loop_.date(),
               .keep_alive = keep_alive_,
               .http_1_0 = http_1_0_},
              head);
  const bool bodiless = head_only_ || response.status == 204 || response.status == 304;
  const std::string_view body = bodiless ? std::string_view() : std::string_view(response.body);
  enter(Phase::writing, shared.options.write_deadline_ms);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head),
                                                     asio::buffer(body.data(), body.size())};
  IoError error;
  const std::size_t sent = socket_.write_some(buffers, error);
  if (shared.observer) {
    shared.observer(*request_, response, loop_.read_clock() - started_,
                    route_ != nullptr ? route_->pattern : "");
  }
  if (error && !only_blocked(error)) return Step::close;
  if (sent == head.size() + body.size()) return after_response();
  out_ = head.substr(std::min(sent, head.size()));
  out_ += body.substr(sent - std::min(sent, head.size()));
  out_at_ = 0;
  return Step::write_more;
}

Connection::Step Connection::write_more() {
  if (aborted_) return Step::close;
  loop_.read_clock();
  if (!write_out()) return Step::close;
  return out_.empty() ? after_response() : Step::write_more;
}

Connection::Step Connection::after_response() {
  const bool shared_out = route_ != nullptr && std::holds_alternative<AsyncHandler>(route_->handler);
  parser_.reset();
  if (!shared_out) loop_.give_back(std::move(request_));
  request_.reset();
  response_.reset();
  if (!keep_alive_) {
    if (!linger_) return Step::close;
    IoError error;
    socket_.shutdown(Socket::shutdown_send, error);
    enter(Phase::lingering, kLingerMs);
    return loop_.stopping() ? Step::close : Step::linger;
  }
  if (loop_.stopping()) return Step::close;
  enter(Phase::idle, loop_.shared().options.idle_deadline_ms);
  return Step::next;  // not taken from here: as many requests as a read may hold would nest as deep
}

Connection::Step Connection::discard() {
  if (aborted_) return Step::close;
  IoError error;
  std::string& scratch = loop_.scratch();
  socket_.read_some(asio::buffer(scratch.data(), scratch.size()), error);
  return error && !only_blocked(error) ? Step::close : Step::linger;
}

}  // namespace pawl::http
