// One server thread: its event loop, its connections, and what they share. Everything here belongs to that
// thread except the mailbox and the counters. Internal to the room: this header includes Boost.
#pragma once

// Asio's coroutines use it without including it.
#include <utility>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "http/server.h"

namespace pawl::http {

// Concrete executors all the way: the type-erased ones cost a quarter of the throughput.
using IoExecutor = boost::asio::io_context::executor_type;
using IoTask = boost::asio::awaitable<void, IoExecutor>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using Timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
using IoError = boost::system::error_code;

// co_await socket.async_wait(…, resume_with(error)): no exceptions.
inline auto resume_with(IoError& error) {
  return boost::asio::redirect_error(boost::asio::use_awaitable_t<IoExecutor>{}, error);
}

// The way into a loop from other threads. Outlives the loop; what comes after its end is dropped.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}
  void post(std::function<void()> work);
  void close();

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
};

struct Counters {
  std::atomic<std::int64_t> open = 0, accepted = 0, refused = 0, accept_pauses = 0, parse_errors = 0,
                            timeouts = 0;
};

// What all threads read.
struct Shared {
  ServerOptions options;
  std::shared_ptr<const Router> router;
  Guard guard;
  Observer observer;
  Counters counters;
};

class Connection;

class EventLoop {
 public:
  EventLoop(Shared& shared, std::uint64_t seed);
  ~EventLoop();

  // Until stop() and the end of the last connection.
  void run();

  // From any thread:
  boost::asio::io_context& io() { return io_; }
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }
  void post(std::function<void()> work) { mailbox_->post(std::move(work)); }
  void wake_streams();
  void begin_stop();

  // From the loop's own thread:
  void adopt(Socket socket, std::string peer);
  void add(Connection& connection);
  void remove(Connection& connection);
  void add_stream(Connection& connection) { streams_.push_back(&connection); }
  void remove_stream(Connection& connection) { std::erase(streams_, &connection); }
  bool stopping() const { return stopping_; }
  Shared& shared() { return shared_; }
  // Seconds on the monotonic clock, read now and remembered as now().
  double read_clock();
  double now() const { return now_; }
  std::string_view date() const { return date_; }
  std::string make_request_id();
  std::shared_ptr<Request> take_request();
  void give_back(std::shared_ptr<Request> request);
  // For one read: nothing stays in it, so that idle and slow connections need no buffer of their own.
  std::string& scratch() { return scratch_; }
  std::string& head_text() { return head_text_; }

 private:
  void schedule_sweep();
  void sweep();
  void give_memory_back();

  Shared& shared_;
  Random random_;
  bool stopping_ = false;
  double now_ = 0;
  double stop_deadline_ = 0;
  std::int64_t date_second_ = -1;
  std::string date_;
  std::string scratch_;
  std::string head_text_;
  std::size_t connections_high_ = 0;  // since memory was last given back
  std::vector<Connection*> connections_;
  std::vector<Connection*> streams_;
  std::vector<std::shared_ptr<Request>> spare_requests_;
  std::atomic<bool> wake_posted_ = false;
  std::shared_ptr<Mailbox> mailbox_;
  // Last, so that it goes first: its connections leave the list above as they end.
  boost::asio::io_context io_{1};
  Timer sweep_timer_;
};

}  // namespace pawl::http
