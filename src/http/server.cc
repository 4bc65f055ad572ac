#include "http/server.h"

#include <sys/resource.h>

#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <thread>

#include "base/clock.h"
#include "http/connection.h"
#include "http/event_loop.h"
#include "http/response_text.h"

namespace pawl::http {
namespace {

namespace asio = boost::asio;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, IoExecutor>;

constexpr int kAcceptsInARow = 256;
constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kAcceptPause{100};

// Ten thousand clients need more than the customary 1024; where it cannot be raised, it stays.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct Server::Impl {
  Shared shared;
  std::vector<std::unique_ptr<EventLoop>> loops;
  std::optional<Acceptor> acceptor;  // belongs to the first loop, as does the timer
  std::optional<Timer> pause;
  std::uint16_t port = 0;
  std::size_t next_loop = 0;
  std::string full_answer;
  std::vector<std::jthread> threads;
  std::mutex stopping;
  bool stopped = false;

  Status listen();
  static IoTask accept_all(Impl& own);
  bool accept_ready();
  void welcome(Socket socket, std::string peer, EventLoop& loop);
};

Status Server::Impl::listen() {
  const ServerOptions& options = shared.options;
  IoError error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) {
    return fail(ErrorCode::bad_config,
                "cannot listen on \"{}\": it is no IP address; 127.0.0.1 is this machine only",
                options.address);
  }
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  acceptor.emplace(loops.front()->io().get_executor());
  pause.emplace(loops.front()->io().get_executor());
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(kBacklog, error);
  if (!error) acceptor->non_blocking(true, error);
  if (error) {
    return fail(ErrorCode::io, "cannot listen on {} port {}: {}; choose another port, or stop who has it",
                options.address, options.port, error.message());
  }
  port = acceptor->local_endpoint(error).port();
  return {};
}

IoTask Server::Impl::accept_all(Impl& own) {
  IoError error;
  while (own.acceptor->is_open()) {
    co_await own.acceptor->async_wait(Acceptor::wait_read, resume_with(error));
    if (!own.acceptor->is_open() || own.accept_ready()) continue;
    ++own.shared.counters.accept_pauses;
    own.pause->expires_after(kAcceptPause);
    co_await own.pause->async_wait(resume_with(error));
  }
}

// Takes who waits at the door; false where the system has no room for them now.
bool Server::Impl::accept_ready() {
  for (int i = 0; i < kAcceptsInARow; ++i) {
    EventLoop& loop = *loops[next_loop];
    IoError error;
    asio::ip::tcp::endpoint peer;
    Socket socket = acceptor->accept(loop.io(), peer, error);
    if (error == asio::error::would_block || error == asio::error::try_again) return true;
    if (error == asio::error::connection_aborted || error == asio::error::interrupted) continue;
    if (error) return false;
    next_loop = (next_loop + 1) % loops.size();
    welcome(std::move(socket), peer.address().to_string(), loop);
  }
  return true;
}

void Server::Impl::welcome(Socket socket, std::string peer, EventLoop& loop) {
  IoError error;
  socket.non_blocking(true, error);
  if (shared.counters.open >= shared.options.connections_max) {
    ++shared.counters.refused;
    socket.write_some(asio::buffer(full_answer), error);
    socket.shutdown(Socket::shutdown_send, error);
    // A request that lies unread would turn the close into a reset, which can overtake the answer.
    std::array<char, 4096> unread;
    socket.read_some(asio::buffer(unread), error);
    return;
  }
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  ++shared.counters.open;
  ++shared.counters.accepted;
  asio::post(loop.io(), [&loop, held = std::move(socket), name = std::move(peer)]() mutable {
    loop.adopt(std::move(held), std::move(name));
  });
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, std::shared_ptr<const Router> router,
                                              Guard guard, Observer observer) {
  raise_file_limit();
  try {
    auto impl = std::make_unique<Impl>();
    impl->shared.options = std::move(options);
    impl->shared.router = std::move(router);
    impl->shared.guard = std::move(guard);
    impl->shared.observer = std::move(observer);
    Response full = problem(503, "too_many_connections", "too many connections; try again in a second");
    full.headers.emplace_back("Retry-After", "1");
    append_head(full, {.date = http_date(WallClock().now()), .keep_alive = false}, impl->full_answer);
    impl->full_answer += full.body;
    const auto seed = static_cast<std::uint64_t>(WallClock().now());
    for (int i = 0; i < std::max(impl->shared.options.threads, 1); ++i) {
      impl->loops.push_back(
          std::make_unique<EventLoop>(impl->shared, derive_seed(seed, static_cast<std::uint64_t>(i))));
    }
    if (Status listening = impl->listen(); !listening) return propagate(listening);
    asio::co_spawn(impl->loops.front()->io().get_executor(), Impl::accept_all(*impl), asio::detached);
    auto server = std::unique_ptr<Server>(new Server(std::move(impl)));
    for (const auto& loop : server->impl_->loops) {
      server->impl_->threads.emplace_back([running = loop.get()] { running->run(); });
    }
    return server;
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, "cannot start the server: {}", error.what());
  }
}

std::uint16_t Server::port() const {
  return impl_->port;
}

ServerStats Server::stats() const {
  const Counters& counters = impl_->shared.counters;
  return {counters.open,          counters.accepted,     counters.refused,
          counters.accept_pauses, counters.parse_errors, counters.timeouts};
}

void Server::post_all(const std::function<void()>& work) {
  for (const auto& loop : impl_->loops) loop->post(work);
}

void Server::wake() {
  for (const auto& loop : impl_->loops) loop->wake_streams();
}

void Server::stop() {
  const std::lock_guard lock(impl_->stopping);
  if (impl_->stopped) return;
  impl_->stopped = true;
  impl_->loops.front()->post([impl = impl_.get()] {
    IoError ignored;
    impl->acceptor->close(ignored);
    impl->pause->cancel();
  });
  for (const auto& loop : impl_->loops) loop->begin_stop();
  impl_->threads.clear();  // joins
}

}  // namespace pawl::http
