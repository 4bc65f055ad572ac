#include "app/http_get.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <system_error>

#include "base/address.h"
#include "base/clock.h"

namespace pawl::app {
namespace {

constexpr std::size_t kAnswerMax = 64 * 1024;

struct Target {
  IpAddress address;
  std::uint16_t port = 80;
  std::string host, path;  // host with its port, as it was written
};

std::optional<Target> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  Target target;
  const std::size_t slash = std::min(url.find('/'), url.size());
  target.host = url.substr(0, slash);
  target.path = slash == url.size() ? "/" : url.substr(slash);
  if (target.path.find_first_of(" \r\n") != std::string::npos) return std::nullopt;
  std::string_view name = target.host;
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && name.find(']', colon) == std::string_view::npos) {
    const std::string_view port = name.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
    if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
    name = name.substr(0, colon);
  }
  const auto address = IpAddress::parse(name == "localhost" ? "127.0.0.1" : name);
  if (!address) return std::nullopt;
  target.address = *address;
  return target;
}

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<Error> no_answer(std::string_view url, int error) {
  const std::string reason = std::generic_category().message(error);
  if (error != ECONNREFUSED) return fail(ErrorCode::io, "{}: {}", url, reason);
  return fail(ErrorCode::not_found, "{}: {}: nothing listens there; start it: pawl run", url, reason);
}

int start_connecting(const Socket& socket, const Target& target) {
  const auto& bytes = target.address.bytes();
  if (target.address.is_v4()) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(target.port);
    std::memcpy(&to.sin_addr, bytes.data() + 12, 4);
    return ::connect(socket.get(), std::bit_cast<const sockaddr*>(&to), sizeof(to));
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(target.port);
  std::memcpy(&to.sin6_addr, bytes.data(), 16);
  return ::connect(socket.get(), std::bit_cast<const sockaddr*>(&to), sizeof(to));
}

// Waits until the socket can be written or read; an errno, or 0.
int wait_for(const Socket& socket, short events, double deadline) {
  for (;;) {
    const double left_ms = (deadline - monotonic_seconds()) * 1000;
    if (left_ms <= 0) return ETIMEDOUT;
    pollfd waiting{socket.get(), events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::ceil(left_ms)));
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return errno;
  }
}

// An errno, or 0 with everything that was answered.
int exchange(const Socket& socket, std::string_view request, double deadline, std::string& answer) {
  while (!request.empty()) {
    if (const int error = wait_for(socket, POLLOUT, deadline); error != 0) return error;
    const ssize_t sent = ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return errno;
    request.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, sent)));
  }
  std::array<char, 4096> buffer;
  while (answer.size() < kAnswerMax) {
    if (const int error = wait_for(socket, POLLIN, deadline); error != 0) return error;
    const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got == 0) break;
    if (got < 0 && errno != EAGAIN && errno != EINTR) return errno;
    answer.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  }
  return 0;
}

}  // namespace

Result<HttpAnswer> http_get(std::string_view url, DurationMs timeout) {
  const double deadline = monotonic_seconds() + static_cast<double>(timeout) / 1000;
  const auto target = parse_url(url);
  if (!target) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is no URL of this machine; write it as http://127.0.0.1:8080/readyz", url);
  }
  const int family = target->address.is_v4() ? AF_INET : AF_INET6;
  const Socket socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return no_answer(url, errno);
  if (start_connecting(socket, *target) != 0) {
    if (errno != EINPROGRESS) return no_answer(url, errno);
    if (const int error = wait_for(socket, POLLOUT, deadline); error != 0) return no_answer(url, error);
    int error = 0;
    socklen_t length = sizeof(error);
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return no_answer(url, errno);
    if (error != 0) return no_answer(url, error);
  }
  const std::string request =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target->path, target->host);
  std::string answer;
  if (const int error = exchange(socket, request, deadline, answer); error != 0) return no_answer(url, error);
  // "HTTP/1.1 200 OK"
  HttpAnswer read;
  const auto status = std::string_view(answer).substr(0, 12);
  if (!status.starts_with("HTTP/1.") || status.size() < 12 ||
      std::from_chars(status.data() + 9, status.data() + 12, read.status).ptr != status.data() + 12) {
    return fail(ErrorCode::io, "{}: what answers there does not speak HTTP", url);
  }
  if (const std::size_t end = answer.find("\r\n\r\n"); end != std::string::npos)
    read.body = answer.substr(end + 4);
  return read;
}

}  // namespace pawl::app
