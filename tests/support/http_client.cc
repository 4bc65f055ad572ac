#include "support/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

namespace pawl::test {
namespace {

constexpr int kPatienceSeconds = 10;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

}  // namespace

std::string HttpAnswer::header(std::string_view name) const {
  const std::string wanted = "\r\n" + lower(name) + ":";
  std::size_t at = lower(head).find(wanted);
  if (at == std::string::npos) return "";
  at = head.find_first_not_of(' ', at + wanted.size());
  return head.substr(at, head.find("\r\n", at) - at);
}

std::string get_text(std::string_view path, std::string_view fields) {
  std::string text = "GET ";
  text += path;
  text += " HTTP/1.1\r\nHost: localhost\r\n";
  text += fields;
  text += "\r\n";
  return text;
}

std::string post_text(std::string_view path, std::string_view body, std::string_view fields,
                      std::string_view method) {
  std::string text(method);
  text += ' ';
  text += path;
  text += " HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
  text += std::to_string(body.size());
  text += "\r\n";
  text += fields;
  text += "\r\n";
  text += body;
  return text;
}

HttpClient::HttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  static_assert(sizeof(generic) == sizeof(address));
  std::memcpy(&generic, &address, sizeof(address));
  const timeval patience{kPatienceSeconds, 0};
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  EXPECT_EQ(::connect(socket_, &generic, sizeof(generic)), 0) << std::strerror(errno);
}

HttpClient::~HttpClient() {
  close();
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), unread_(std::move(other.unread_)) {}

void HttpClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void HttpClient::half_close() {
  ::shutdown(socket_, SHUT_WR);
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::read_more() {
  char bytes[65536];
  const ssize_t count = ::recv(socket_, bytes, sizeof(bytes), 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    ADD_FAILURE() << "nothing came for " << kPatienceSeconds << " s";
  }
  if (count <= 0) return false;
  unread_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string HttpClient::read_until(std::string_view end) {
  std::size_t at = 0;
  while ((at = unread_.find(end)) == std::string::npos) {
    if (!read_more()) return std::exchange(unread_, "");
  }
  std::string text = unread_.substr(0, at + end.size());
  unread_.erase(0, text.size());
  return text;
}

std::optional<HttpAnswer> HttpClient::read_answer(bool head_only) {
  HttpAnswer answer;
  answer.head = read_until("\r\n\r\n");
  if (!answer.head.ends_with("\r\n\r\n") || answer.head.size() < 12) return std::nullopt;
  std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  const std::string length = answer.header("Content-Length");
  std::size_t wanted = 0;
  std::from_chars(length.data(), length.data() + length.size(), wanted);
  if (head_only || length.empty()) return answer;
  while (unread_.size() < wanted) {
    if (!read_more()) return std::nullopt;
  }
  answer.body = unread_.substr(0, wanted);
  unread_.erase(0, wanted);
  return answer;
}

bool HttpClient::closed_by_server() {
  while (read_more()) {
    // what was under way
  }
  return unread_.empty();
}

bool comes_true(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(kPatienceSeconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace pawl::test
