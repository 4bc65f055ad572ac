// Slow, silent and vanished clients, answers that come late, and the end of the server.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

#include "base/clock.h"
#include "base/random.h"
#include "http/server.h"
#include "serving.h"

namespace pawl::http {
namespace {

using test::comes_true;
using test::get_text;
using test::HttpAnswer;
using test::HttpClient;
using test::post_text;

constexpr DurationMs kShortMs = 500;

TEST_F(Serving, ClosesASlowHeader) {
  start({.header_bytes_max = 1 << 20, .header_deadline_ms = kShortMs});
  const double began = monotonic_seconds();
  HttpClient silent = connect();
  HttpClient first = connect();
  HttpClient second = connect();
  second.send(get_text("/hello"));
  second.read_answer();
  first.send("GET /hello HTTP/1.1\r\n");
  second.send("GET /hello HTTP/1.1\r\n");
  // Bytes that dribble in do not extend the time.
  while (server_->stats().timeouts < 3) {
    first.send("A: b\r\n");
    second.send("A");
    expect_alive();
  }
  EXPECT_LT(monotonic_seconds() - began, 5);
  EXPECT_TRUE(silent.closed_by_server()) << "nothing had begun: nothing to answer";
  EXPECT_EQ(first.read_answer()->status, 408);
  EXPECT_EQ(second.read_answer()->status, 408);
}

TEST_F(Serving, AnswersASlowHeaderWith408) {
  start({.header_deadline_ms = kShortMs});
  HttpClient client = connect();
  client.send("GET /hello HT");
  EXPECT_EQ(client.read_answer()->status, 408);
  client.half_close();
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(server_->stats().timeouts, 1);
}

TEST_F(Serving, ClosesASlowBody) {
  start({.body_deadline_ms = kShortMs});
  for (const char* framing :
       {"Content-Length: 4000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3D0900\r\n"}) {
    HttpClient client = connect();
    client.send("POST /predict HTTP/1.1\r\nHost: x\r\n");
    client.send(framing);
    const auto before = server_->stats().timeouts;
    while (server_->stats().timeouts == before && client.send("x")) {
    }
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
    EXPECT_EQ(answer->body, R"({"error":"the request's body took too long"})");
  }
}

TEST_F(Serving, ClosesASilentConnectionAfterAWhile) {
  start({.idle_deadline_ms = kShortMs});
  HttpClient client = connect();
  client.send(get_text("/hello"));
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(Serving, ClosesAClientThatDoesNotReadItsAnswer) {
  start({.write_deadline_ms = kShortMs});
  HttpClient client = connect();
  client.send(get_text("/big"));
  EXPECT_TRUE(comes_true([&] { return server_->stats().timeouts == 1 && server_->stats().open == 0; }));
}

TEST_F(Serving, TakesAnswersFromOtherThreads) {
  start({.threads = 2});
  HttpClient client = connect();
  for (int i = 0; i < 200; ++i) {
    client.send(get_text("/soon"));
    ASSERT_EQ(client.read_answer()->body, "/soon");
  }
  const HttpAnswer dropped = ask(get_text("/dropped"));
  EXPECT_EQ(dropped.status, 500);
  EXPECT_EQ(ask(get_text("/twice")).body, "first");
}

TEST_F(Serving, TakesAnAnswerWhoseClientHasLeft) {
  start();
  {
    HttpClient client = connect();
    client.send(get_text("/never"));
    ASSERT_TRUE(comes_true([&] { return kept_count_ == 1; }));
  }
  kept_[0](Response{.body = std::string(100'000, 'x')});
  EXPECT_TRUE(comes_true([&] { return server_->stats().open == 0; }));
  expect_alive();
  kept_[0](Response{.body = "again"});
}

TEST_F(Serving, TakesAnAnswerAfterTheServerHasGone) {
  start();
  HttpClient client = connect();
  client.send(get_text("/never"));
  ASSERT_TRUE(comes_true([&] { return kept_count_ == 1; }));
  const double began = monotonic_seconds();
  server_->stop();
  EXPECT_LT(monotonic_seconds() - began, 2);
  EXPECT_TRUE(client.closed_by_server());
  server_.reset();
  kept_[0](Response{.body = "late"});
}

TEST_F(Serving, LetsARequestInFlightFinishAtItsEnd) {
  start();
  HttpClient client = connect();
  HttpClient idle = connect();
  idle.send(get_text("/hello"));
  idle.read_answer();
  client.send(get_text("/never"));
  ASSERT_TRUE(comes_true([&] { return kept_count_ == 1; }));
  std::jthread stopping([&] { server_->stop(); });
  EXPECT_TRUE(idle.closed_by_server());
  kept_[0](Response{.body = "just in time"});
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "just in time");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(Serving, StopsUnderLoad) {
  start({.threads = 2});
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0, wrong = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, port = server_->port()] {
      HttpClient client(port);
      while (!over && client.send(post_text("/echo", "hello"))) {
        const auto answer = client.read_answer();
        if (!answer) break;
        ++(answer->status == 200 && answer->body == "hello" ? answered : wrong);
      }
    });
  }
  ASSERT_TRUE(comes_true([&] { return answered > 200; }));
  const double began = monotonic_seconds();
  server_->stop();
  EXPECT_LT(monotonic_seconds() - began, 2);
  over = true;
  clients.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(server_->stats().open, 0);
  server_->stop();
}

TEST_F(Serving, RunsWorkOnEveryThread) {
  start({.threads = 3});
  std::mutex mutex;
  std::vector<std::thread::id> threads;
  server_->post_all([&] {
    const std::lock_guard lock(mutex);
    threads.push_back(std::this_thread::get_id());
  });
  EXPECT_TRUE(comes_true([&] {
    const std::lock_guard lock(mutex);
    return threads.size() == 3;
  }));
  std::sort(threads.begin(), threads.end());
  EXPECT_EQ(std::unique(threads.begin(), threads.end()), threads.end());
}

TEST_F(Serving, ServesBesideACrowdThatDribbles) {
  start({.threads = 2});
  std::vector<HttpClient> idle, dribbling;
  for (int i = 0; i < 500; ++i) idle.push_back(connect());
  for (int i = 0; i < 500; ++i) {
    dribbling.push_back(connect());
    dribbling.back().send(i % 2 == 0 ? "GET /hello HTTP/1.1\r\nHost: x\r\nA: "
                                     : "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n");
  }
  ASSERT_TRUE(comes_true([&] { return server_->stats().open == 1000; }));
  HttpClient client = connect();
  for (std::size_t i = 0; i < 2000; ++i) {
    dribbling[i % dribbling.size()].send("x");
    client.send(get_text("/hello"));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200);
  }
  idle.clear();
  dribbling.clear();
  EXPECT_TRUE(comes_true([&] { return server_->stats().open == 1; }));
}

TEST_F(Serving, RefusesMoreThanItsConnections) {
  start({.connections_max = 2});
  HttpClient first = connect(), second = connect();
  ASSERT_TRUE(comes_true([&] { return server_->stats().open == 2; }));
  HttpClient third = connect();
  const auto answer = third.read_answer();
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("Retry-After"), "1");
  EXPECT_TRUE(third.closed_by_server());
  EXPECT_EQ(server_->stats().refused, 1);
  first.close();
  ASSERT_TRUE(comes_true([&] { return server_->stats().open == 1; }));
  expect_alive();
}

// In a process of its own, because it takes away the files of the whole process.
int run_out_of_files() {
  Router router;
  router.add({.method = "GET", .pattern = "/hello", .handler = [](const Request&) { return Response(); }});
  auto server = Server::start({}, std::make_shared<const Router>(std::move(router)));
  if (!server) return 2;
  std::vector<HttpClient> clients;
  clients.emplace_back((*server)->port());
  clients[0].send(get_text("/hello"));
  if (!clients[0].read_answer()) return 3;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  // Descriptors are given out from the lowest: one for this client, none left for the server's side.
  clients.emplace_back((*server)->port());
  clients[1].send(get_text("/hello"));
  if (!clients[1].read_answer()) return 4;
  const auto held = static_cast<rlim_t>((*server)->stats().open);
  const rlim_t enough = limit.rlim_cur;
  for (rlim_t files = 0; files < 64; ++files) {
    limit.rlim_cur = files + held;
    setrlimit(RLIMIT_NOFILE, &limit);
    const int probe = ::dup(0);
    if (probe < 0) continue;
    ::close(probe);
    break;
  }
  clients.emplace_back((*server)->port());
  clients[2].send(get_text("/hello"));
  if (!comes_true([&] { return (*server)->stats().accept_pauses >= 2; })) return 5;
  // Those who are in are served, and who waits is let in as soon as there is room.
  const double cpu = process_cpu_seconds();
  clients[0].send(get_text("/hello"));
  if (!clients[0].read_answer()) return 6;
  if (process_cpu_seconds() - cpu > 1) return 7;
  limit.rlim_cur = enough;
  setrlimit(RLIMIT_NOFILE, &limit);
  return clients[2].read_answer() ? 0 : 8;
}

TEST(ServingDeathTest, PausesWhereTheSystemHasNoFilesLeft) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(std::_Exit(run_out_of_files()), testing::ExitedWithCode(0), "");
}

TEST_F(Serving, StreamsEvents) {
  start();
  HttpClient client = connect();
  client.send(get_text("/events", "Last-Event-ID: 41\r\n"));
  const auto head = client.read_answer(true);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("Content-Type"), "text/event-stream");
  EXPECT_EQ(head->header("Cache-Control"), "no-store");
  EXPECT_EQ(head->header("X-Accel-Buffering"), "no");
  EXPECT_EQ(client.read_until("\n\n"), "event: resumed\ndata: 41\n\n");
  for (int i = 0; i < 50; ++i) {
    wire_->put(sse_event(std::to_string(i), "tick", "x"));
    server_->wake();
    ASSERT_EQ(client.read_until("\n\n"), sse_event(std::to_string(i), "tick", "x"));
  }
  wire_->put(sse_event("", "", "by the sweep"));
  EXPECT_EQ(client.read_until("\n\n"), "data: by the sweep\n\n");
  wire_->put(sse_event("", "", "last"));
  wire_->end();
  EXPECT_EQ(client.read_until("\n\n"), "data: last\n\n");
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(ask(get_text("/events?no=1")).status, 404);
}

TEST_F(Serving, PingsAQuietStreamAndNoticesWhoHangsUp) {
  start({.ping_ms = 300});
  {
    HttpClient client = connect();
    client.send(get_text("/events"));
    client.read_answer(true);
    EXPECT_EQ(client.read_until("\n\n"), ": ping\n\n");
    EXPECT_EQ(client.read_until("\n\n"), ": ping\n\n");
    EXPECT_EQ(wire_->readers, 1);
  }
  EXPECT_TRUE(comes_true([&] { return wire_->readers == 0; }));
}

TEST_F(Serving, ClosesAStreamsSlowReader) {
  start();
  HttpClient slow = connect();
  slow.send(get_text("/events"));
  slow.read_answer(true);
  // Faster than what the system's buffers take, and nobody reads.
  EXPECT_TRUE(comes_true([&] {
    wire_->put(std::string(64 << 10, 'x'));
    server_->wake();
    return wire_->readers == 0 || wire_->polls > 100'000;
  }));
  EXPECT_EQ(wire_->readers, 0);
  expect_alive();
}

TEST_F(Serving, EndsItsStreamsAtItsEnd) {
  start();
  HttpClient client = connect();
  client.send(get_text("/events"));
  client.read_answer(true);
  const double began = monotonic_seconds();
  server_->stop();
  EXPECT_LT(monotonic_seconds() - began, 1);
  EXPECT_TRUE(client.closed_by_server());
}

// One to eight changes of a good request.
std::string mutated(Random& random) {
  static const std::vector<std::string> kGood = {
      get_text("/item/a?q=1", "Accept: */*\r\nX-Request-Id: 1\r\n"),
      post_text("/echo", "{\"a\":[1,2,3]}", "Content-Type: application/json\r\n"),
      "POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n "
      "world\r\n0\r\nT: "
      "u\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"};
  static const std::vector<std::string> kPieces = {"\r\n",
                                                   "\n",
                                                   "\r",
                                                   "\r\n\r\n",
                                                   " ",
                                                   ":",
                                                   "%",
                                                   "%00",
                                                   "0",
                                                   "ffffffff",
                                                   "-",
                                                   ",",
                                                   "HTTP/1.1",
                                                   "HTTP/9.9",
                                                   "Content-Length: 7\r\n",
                                                   "Transfer-Encoding: chunked\r\n",
                                                   "Host: y\r\n",
                                                   "Connection: close\r\n",
                                                   "Connection: keep-alive\r\n",
                                                   "\t",
                                                   std::string(1, '\0'),
                                                   "\xff",
                                                   "../",
                                                   "http://",
                                                   "Expect: 100-continue\r\n",
                                                   std::string(300, 'a'),
                                                   "Upgrade: websocket\r\n",
                                                   " folded",
                                                   ";",
                                                   "\""};
  std::string text = kGood[random.below(kGood.size())];
  for (std::uint64_t changes = 1 + random.below(8); changes > 0; --changes) {
    const std::size_t at = random.below(text.size() + 1);
    switch (random.below(5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.insert(at, kPieces[random.below(kPieces.size())]);
        break;
      case 2:
        text.erase(at, 1 + random.below(8));
        break;
      case 3:
        text.insert(at, text.substr(random.below(text.size() + 1), random.below(40)));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

TEST_F(Serving, SurvivesTwentyThousandMutatedRequests) {
  start({.threads = 2});
  Random random(20'261'120);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = mutated(random);
    HttpClient client = connect();
    client.send(text);
    client.half_close();
    // All the answers there are, each a whole one; then the connection ends.
    while (const auto answer = client.read_answer()) {
      const bool known = answer->status == 100 || answer->status == 200 ||
                         (answer->status >= 400 && answer->status < 500) || answer->status == 501;
      ASSERT_TRUE(known) << i << ": " << text << " → " << answer->head;
      refused += answer->status >= 400 ? 1 : 0;
    }
    ASSERT_FALSE(HasFailure()) << i << ": " << text;
  }
  EXPECT_GT(refused, 5000);
  expect_alive();
  EXPECT_TRUE(comes_true([&] { return server_->stats().open == 0; }));
}

}  // namespace
}  // namespace pawl::http
