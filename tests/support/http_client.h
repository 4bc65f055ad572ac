// A client on a raw socket, so that a test decides about every byte and every pause. Loopback only.
//
//   HttpClient client(server.port());
//   client.send(get_text("/health"));
//   EXPECT_EQ(client.read_answer()->status, 200);
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pawl::test {

struct HttpAnswer {
  int status = 0;
  std::string head;  // status line and fields
  std::string body;
  // The value of the first field of that name, in any case; empty where there is none.
  std::string header(std::string_view name) const;
};

// "GET /path HTTP/1.1" with a Host, and `fields`, whole lines each with its "\r\n".
std::string get_text(std::string_view path, std::string_view fields = "");
// The same with another method and a body of declared length.
std::string post_text(std::string_view path, std::string_view body, std::string_view fields = "",
                      std::string_view method = "POST");

class HttpClient {
 public:
  // Connects; fails the test where it cannot. Waits for at most ten seconds in everything below.
  explicit HttpClient(std::uint16_t port);
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;

  // False where the other side has closed.
  bool send(std::string_view bytes);
  // No more will be sent; answers can still come.
  void half_close();
  void close();
  // The next answer, its body by Content-Length or up to the end; nothing where the connection ends before.
  // Answers to HEAD have no body: say so. "100 Continue" is an answer too.
  std::optional<HttpAnswer> read_answer(bool head_only = false);
  // What comes up to and with `end`; what there is where the connection ends first.
  std::string read_until(std::string_view end);
  // Waits for the end of the connection; true where nothing more came before it.
  bool closed_by_server();

 private:
  bool read_more();
  int socket_ = -1;
  std::string unread_;
};

// Whether the condition comes true within ten seconds.
bool comes_true(const std::function<bool()>& condition);

}  // namespace pawl::test
