// The protocol: one good request after another, and what is wrong with the bad ones.
#include "http/server.h"

#include <gtest/gtest.h>

#include "serving.h"

namespace pawl::http {
namespace {

using test::get_text;
using test::HttpAnswer;
using test::HttpClient;
using test::post_text;
using namespace std::string_literals;

TEST_F(Serving, AnswersWithItsHeaders) {
  start();
  const HttpAnswer answer = ask(get_text("/hello"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"hello":"world"})");
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.header("X-Request-Id").size(), 15u);
  EXPECT_EQ(answer.header("Date").size(), 29u);
  EXPECT_EQ(answer.header("Server"), "") << "nobody needs to know";
}

TEST_F(Serving, KeepsAConnectionForManyRequests) {
  start();
  HttpClient client = connect();
  for (int i = 0; i < 100; ++i) {
    client.send(i % 2 == 0 ? get_text("/item/"s + std::to_string(i)) : post_text("/echo", std::to_string(i)));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_NE(answer->body.find(std::to_string(i)), std::string::npos) << answer->body;
  }
  EXPECT_EQ(server_->stats().accepted, 1);
}

TEST_F(Serving, ClosesWhenAsked) {
  start();
  HttpClient client = connect();
  client.send(get_text("/hello", "Connection: close\r\n"));
  EXPECT_EQ(client.read_answer()->header("Connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(Serving, SpeaksHttp10) {
  start();
  HttpClient once = connect();
  once.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(once.read_answer()->status, 200);
  EXPECT_TRUE(once.closed_by_server());
  HttpClient kept = connect();
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.read_answer()->header("Connection"), "keep-alive");
  }
}

TEST_F(Serving, AnswersPipelinedRequestsInOrder) {
  start();
  HttpClient client = connect();
  std::string all;
  constexpr int kRequests = 3000;
  for (int i = 0; i < kRequests; ++i) {
    // Asynchronous ones among them keep their place.
    all += i % 100 == 0   ? get_text("/twice")
           : i % 3 == 0   ? post_text("/echo", "body"s + std::to_string(i))
           : i % 500 == 1 ? "\r\n"s + get_text("/item/"s + std::to_string(i))
                          : get_text("/item/"s + std::to_string(i));
  }
  std::jthread sender([&] { client.send(all); });
  for (int i = 0; i < kRequests; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    const std::string wanted = i % 100 == 0 ? "first"
                               : i % 3 == 0 ? "body"s + std::to_string(i)
                                            : "\""s + std::to_string(i) + "\"";
    ASSERT_NE(answer->body.find(wanted), std::string::npos) << i << ": " << answer->body;
  }
}

TEST_F(Serving, TakesARequestByteByByte) {
  start();
  HttpClient client = connect();
  for (
      const std::string& text :
      {post_text("/echo", "hello"),
       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n"s}) {
    for (const char byte : text) client.send(std::string_view(&byte, 1));
    EXPECT_EQ(client.read_answer()->body, "hello");
  }
}

TEST_F(Serving, TakesLargeBodiesOfBothKinds) {
  start();
  HttpClient client = connect();
  std::string body(3 << 20, 'x');
  for (std::size_t i = 0; i < body.size(); i += 101) body[i] = static_cast<char>('a' + i % 23);
  client.send(post_text("/echo", body));
  EXPECT_TRUE(client.read_answer()->body == body);
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 99'991) {
    const std::string part = body.substr(at, 99'991);
    chunked += fmt::format("{:x}\r\n", part.size());
    chunked += part;
    chunked += "\r\n";
  }
  client.send(chunked + "0\r\n\r\n");
  EXPECT_TRUE(client.read_answer()->body == body);
  EXPECT_TRUE(padded_);
}

TEST_F(Serving, WritesAnAnswerThatTheClientReadsLate) {
  start();
  HttpClient client = connect();
  client.send(get_text("/big") + get_text("/hello"));
  expect_alive();  // on the same thread, while the big one waits
  EXPECT_EQ(client.read_answer()->body.size(), kBig);
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_F(Serving, AnswersHeadWithoutABody) {
  start();
  HttpClient client = connect();
  for (int i = 0; i < 2; ++i) {
    client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = client.read_answer(true);
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->header("Content-Length"), "17");
  }
  client.send(get_text("/whoami"));
  EXPECT_EQ((*parse_json(client.read_answer()->body))["method"], "GET") << "no body lay in between";
  client.send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_answer(true)->header("Content-Type"), "text/event-stream");
}

TEST_F(Serving, SendsNoContentWithoutLength) {
  start();
  HttpClient client = connect();
  client.send(get_text("/empty") + get_text("/hello"));
  EXPECT_EQ(client.read_answer()->header("Content-Length"), "");
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_F(Serving, TellsWhatThereIsNot) {
  start();
  const HttpAnswer missing = ask(get_text("/nothing?x=1", "X-Request-Id: abc\r\n"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.header("Content-Type"), "application/problem+json");
  EXPECT_EQ((*parse_json(missing.body))["detail"],
            "there is nothing at /nothing; /openapi.json lists what there is");
  EXPECT_EQ((*parse_json(missing.body))["request_id"], "abc");
  for (const char* method : {"DELETE", "OPTIONS", "TRACE", "BREW", "get"}) {
    const HttpAnswer wrong = ask(post_text("/hello", "", "", method));
    EXPECT_EQ(wrong.status, 405) << method;
    EXPECT_EQ(wrong.header("Allow"), "GET, HEAD");
  }
  const HttpAnswer legacy = ask(get_text("/predict"));
  EXPECT_EQ(legacy.status, 405);
  EXPECT_EQ(legacy.body, R"({"error":"GET is not for /predict; it takes POST"})");
}

TEST_F(Serving, EchoesARequestIdThatIsSane) {
  start();
  EXPECT_EQ(ask(get_text("/hello", "x-request-id: abc-1\r\n")).header("X-Request-Id"), "abc-1");
  EXPECT_EQ(ask(get_text("/hello", "X-Request-Id: a b\r\n")).header("X-Request-Id").size(), 15u);
  const HttpAnswer own = ask(get_text("/whoami"));
  EXPECT_EQ((*parse_json(own.body))["id"], own.header("X-Request-Id"));
  EXPECT_EQ((*parse_json(own.body))["peer"], "127.0.0.1");
}

TEST_F(Serving, TakesOffTheNulThatExpertAdvisorsSend) {
  start();
  EXPECT_EQ(ask(post_text("/echo", "{}\0"s)).body, "{}");
  EXPECT_EQ(ask(post_text("/echo", "{}\0\0"s)).body, "{}\0"s) << "one of them";
  EXPECT_EQ(ask(post_text("/echo", "\0"s)).body, "");
  EXPECT_EQ(
      ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\0\r\n0\r\n\r\n"s).body,
      "{}");
}

TEST_F(Serving, AsksForTheBodyThatIsExpected) {
  start();
  HttpClient client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 100);
  client.send("hello");
  EXPECT_EQ(client.read_answer()->body, "hello");
  client.send("POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 404) << "the body is not asked for";
  EXPECT_EQ(ask("GET /hello HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n").status, 417);
}

TEST_F(Serving, KeepsItsLimits) {
  start({.body_bytes_max = 1000, .header_bytes_max = 2000});
  EXPECT_EQ(ask(post_text("/echo", std::string(1000, 'x'))).status, 200);
  // Before a byte of the body has come.
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n").status, 413);
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999\r\n\r\n").status, 413);
  EXPECT_EQ(ask("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n").body,
            R"({"error":"the body is larger than 1000 bytes; send less at a time"})");
  const std::string chunk = "1f4\r\n"s + std::string(500, 'x') + "\r\n";
  const std::string chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(ask(chunked + chunk + chunk + "0\r\n\r\n").body.size(), 1000u);
  EXPECT_EQ(ask(chunked + chunk + chunk + "1\r\nx\r\n0\r\n\r\n").status, 413);
  EXPECT_EQ(ask(chunked + "ffffffffffffffff\r\n").status, 413);
  EXPECT_EQ(ask(chunked + "1;"s + std::string(4000, 'e')).status, 400);
  EXPECT_EQ(ask(get_text("/hello", "A: "s + std::string(1900, 'a') + "\r\n")).status, 200);
  EXPECT_EQ(ask(get_text("/hello", "A: "s + std::string(2000, 'a') + "\r\n")).status, 431);
  EXPECT_EQ(ask("GET /"s + std::string(3000, 'a')).status, 431);
  HttpClient dribbling = connect();
  dribbling.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
  while (dribbling.send("A: b\r\n") && server_->stats().parse_errors < 9) {
  }
  EXPECT_EQ(dribbling.read_answer()->status, 431) << "line by line it is as large";
  EXPECT_EQ(server_->stats().parse_errors, 9);
}

TEST_F(Serving, HearsOutAClientThatSendsTooMuch) {
  start({.body_bytes_max = 1000});
  // All of it is sent before the answer is read: a reset would have lost the answer.
  EXPECT_EQ(ask(post_text("/echo", std::string(2 << 20, 'x'))).status, 413);
}

TEST_F(Serving, RefusesWhatIsNoRequest) {
  start();
  for (const std::string& text : {
           "\0\0\0\0"s,
           "GET\r\n\r\n"s,
           "GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n"s,
           "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n"s,
           "GET /hello HTTP/1.1\r\n\r\n"s,
           "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"s,
           "GET /hello HTTP/1.1\r\nHost : x\r\n\r\n"s,
           "GET /hello HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"s,
           "GET /he\0llo HTTP/1.1\r\nHost: x\r\n\r\n"s,
           "GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n"s,
           "CONNECT host:80 HTTP/1.1\r\nHost: x\r\n\r\n"s,
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"s,
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n"s,
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"s,
           "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"s,
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"s,
           "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"s,
           "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s,
       }) {
    HttpClient client = connect();
    client.send(text);
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << text;
    EXPECT_EQ(answer->status, 400) << text;
    client.half_close();
    EXPECT_TRUE(client.closed_by_server()) << text;
  }
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n").status, 501);
  expect_alive();
}

TEST_F(Serving, SurvivesAHandlersException) {
  start();
  const HttpAnswer answer = ask(get_text("/bug"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("basic_string"), std::string::npos) << "what failed is for the log";
  expect_alive();
}

TEST_F(Serving, AsksTheGuardBeforeTheBody) {
  std::atomic<int> unmatched = 0;
  start({}, [&](const Request& request, const Route& route) -> std::optional<Response> {
    if (route.pattern.empty()) ++unmatched;
    if (!request.body.empty()) return problem(500, "internal", "the body came first");
    if (request.header("Authorization") == "Bearer key") return std::nullopt;
    return refusal(401, "unauthorized", "a key is needed", route.legacy_errors);
  });
  HttpClient client = connect();
  client.send(post_text("/echo", "hello", "Authorization: Bearer key\r\n"));
  EXPECT_EQ(client.read_answer()->body, "hello");
  client.send(post_text("/predict", "hello"));
  EXPECT_EQ(client.read_answer()->body, R"({"error":"a key is needed"})");
  client.send(post_text("/nowhere", "hello"));
  EXPECT_EQ(client.read_answer()->status, 401);
  EXPECT_EQ(unmatched, 1);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 401) << "without waiting for a large one";
  client.half_close();
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(Serving, TellsTheObserver) {
  std::mutex mutex;
  std::vector<std::string> seen;
  start({}, {},
        [&](const Request& request, const Response& response, double seconds, std::string_view pattern) {
          const std::lock_guard lock(mutex);
          seen.push_back(fmt::format("{} {} {}", request.method, response.status, pattern));
          EXPECT_GE(seconds, 0);
        });
  HttpClient client = connect();
  for (const char* path : {"/item/a", "/none", "/soon"}) {
    client.send(get_text(path));
    client.read_answer();
  }
  client.send("junk\r\n\r\n");
  client.read_answer();
  EXPECT_TRUE(test::comes_true([&] {
    const std::lock_guard lock(mutex);
    return seen.size() == 4;
  }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(seen, (std::vector<std::string>{"GET 200 /item/{name}", "GET 404 ", "GET 200 /soon", " 400 "}));
}

TEST_F(Serving, RefusesAPlaceThatIsTaken) {
  start();
  const auto second = Server::start({.port = server_->port()}, router_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::io);
  EXPECT_NE(second.error().message.find("choose another port"), std::string::npos);
  EXPECT_EQ(Server::start({.address = "example.org"}, router_).error().code, ErrorCode::bad_config);
}

}  // namespace
}  // namespace pawl::http
