#include "http_load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>

#include "base/clock.h"

namespace pawl::bench {

namespace {

constexpr std::size_t kConnectionsMost = 64;
constexpr double kPatienceS = 20;

// How long an answer is whose header stands in `text`; 0 while it is incomplete.
std::size_t length_of(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  constexpr std::string_view kField = "ontent-Length: ";
  const std::size_t field = text.find(kField);
  std::size_t length = 0;
  if (field != std::string_view::npos) {
    std::from_chars(text.data() + field + kField.size(), text.data() + end, length);
  }
  return end + 4 + length;
}

}  // namespace

std::string post_request(const std::string& path, const std::string& body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      path, body.size(), body);
}

bool pin_to(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

Result<double> cpu_seconds_of_process(int pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    return fail(ErrorCode::io, "process {}: its CPU time cannot be read", pid);
  }
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

HttpLoad::HttpLoad(std::uint16_t port, std::string request) : port_(port), request_(std::move(request)) {}

HttpLoad::~HttpLoad() {
  for (const Connection& connection : connections_) {
    if (connection.socket >= 0) ::close(connection.socket);
  }
}

Status HttpLoad::connect(Connection& connection) const {
  connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1, room = 1 << 20;
  setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(connection.socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(connection.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(ErrorCode::io, "nobody listens on port {}", port_);
  }
  return {};
}

Status HttpLoad::send(Connection& connection) const {
  connection.answer.clear();
  connection.busy = true;
  std::string_view left = request_;
  while (!left.empty()) {
    const ssize_t sent = ::send(connection.socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail(ErrorCode::io, "the server has closed a connection");
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<bool> HttpLoad::receive(Connection& connection) const {
  std::array<char, 1 << 16> block;
  const ssize_t count = ::recv(connection.socket, block.data(), block.size(), 0);
  if (count < 0 && errno == EINTR) return false;
  if (count <= 0) return fail(ErrorCode::io, "the server has closed a connection");
  connection.answer.append(block.data(), static_cast<std::size_t>(count));
  const std::size_t length = length_of(connection.answer);
  if (length == 0 || connection.answer.size() < length) return false;
  if (!connection.answer.starts_with("HTTP/1.1 200")) {
    return fail(ErrorCode::internal, "the server answers: {}", connection.answer.substr(0, 400));
  }
  connection.busy = false;
  return true;
}

Status HttpLoad::in_turn(int requests) {
  if (connections_.empty()) {
    if (Status connected = connect(connections_.emplace_back()); !connected) return connected;
  }
  Connection& connection = connections_.front();
  for (int i = 0; i < requests; ++i) {
    if (Status sent = send(connection); !sent) return sent;
    for (bool whole = false; !whole;) {
      auto received = receive(connection);
      if (!received) return propagate(received);
      whole = *received;
    }
    // A server without lasting connections, as the peer is, is asked on a new one each time.
    if (connection.answer.find("onnection: close") < connection.answer.find("\r\n\r\n")) {
      ::close(connection.socket);
      if (Status connected = connect(connection); !connected) return connected;
    }
  }
  return {};
}

Result<std::vector<double>> HttpLoad::at_rate(double requests_per_s, int requests) {
  connections_.reserve(kConnectionsMost);  // references below stay valid
  std::vector<double> seconds;
  const double start_s = monotonic_seconds() + 0.01;
  std::vector<pollfd> waited;
  std::vector<Connection*> of_waited;
  for (int sent = 0; seconds.size() < static_cast<std::size_t>(requests);) {
    const double now_s = monotonic_seconds(), due_s = start_s + sent / requests_per_s;
    if (now_s > start_s + requests / requests_per_s + kPatienceS) {
      return fail(ErrorCode::internal, "the server does not keep up with {} requests a second",
                  requests_per_s);
    }
    auto idle = std::find_if(connections_.begin(), connections_.end(),
                             [](const Connection& one) { return !one.busy; });
    if (sent < requests && now_s >= due_s &&
        (idle != connections_.end() || connections_.size() < kConnectionsMost)) {
      if (idle == connections_.end()) {
        if (Status connected = connect(connections_.emplace_back()); !connected) return propagate(connected);
        idle = connections_.end() - 1;
      }
      idle->due_s = due_s;
      if (Status done = send(*idle); !done) return propagate(done);
      ++sent;
      continue;
    }
    waited.clear();
    of_waited.clear();
    for (Connection& one : connections_) {
      if (!one.busy) continue;
      waited.push_back({.fd = one.socket, .events = POLLIN, .revents = 0});
      of_waited.push_back(&one);
    }
    const double rest_s = sent < requests ? std::max(due_s - now_s, 0.0) : 0.1;
    const timespec rest{.tv_sec = 0, .tv_nsec = static_cast<long>(std::min(rest_s, 0.9) * 1e9)};
    ::ppoll(waited.data(), waited.size(), &rest, nullptr);
    for (std::size_t i = 0; i < waited.size(); ++i) {
      if (waited[i].revents == 0) continue;
      auto whole = receive(*of_waited[i]);
      if (!whole) return propagate(whole);
      if (*whole) seconds.push_back(monotonic_seconds() - of_waited[i]->due_s);
    }
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

}  // namespace pawl::bench
