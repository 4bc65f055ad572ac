// A server with a route of every sort, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "http/server.h"
#include "support/http_client.h"

namespace pawl::http {

// Hands out what the test has put in.
class Wire {
 public:
  void put(std::string text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(std::move(text));
  }
  void end() { ended_ = true; }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(texts_, {});
  }
  bool ended() const { return ended_; }
  std::atomic<int> polls = 0;
  std::atomic<int> readers = 0;

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
  std::atomic<bool> ended_ = false;
};

class WireStream final : public EventStream {
 public:
  explicit WireStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) { ++wire_->readers; }
  ~WireStream() override { --wire_->readers; }
  std::vector<std::string> poll() override {
    ++wire_->polls;
    return wire_->take();
  }
  bool ended() const override { return wire_->ended(); }

 private:
  std::shared_ptr<Wire> wire_;
};

class Serving : public testing::Test {
 protected:
  Serving() {
    add("GET", "/hello", [](const Request&) { return json_response({{"hello", "world"}}); });
    add("GET", "/item/{name}", [](const Request& request) {
      return json_response(
          {{"name", request.path_value("name")}, {"q", request.query_value("q").value_or("-")}});
    });
    add("POST", "/echo", [this](const Request& request) {
      padded_ = padded_ && request.body.capacity() >= request.body.size() + kBodyPadding;
      return Response{.content_type = "text/plain", .body = request.body};
    });
    add("GET", "/whoami", [](const Request& request) {
      return json_response({{"peer", request.peer}, {"id", request.request_id}, {"method", request.method}});
    });
    add("GET", "/big", [](const Request&) {
      return Response{.content_type = "text/plain", .body = std::string(kBig, 'b')};
    });
    add("GET", "/empty", [](const Request&) { return Response{.status = 204, .content_type = ""}; });
    add("GET", "/bug",
        [](const Request&) -> Response { return {.body = std::string().at(1) + std::string()}; });
    add("GET", "/soon", [this](std::shared_ptr<const Request> request, Reply reply) {
      workers_.emplace_back([request, reply] { reply(Response{.body = request->path}); });
    });
    add("GET", "/never", [this](std::shared_ptr<const Request>, Reply reply) {
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(reply));
      ++kept_count_;
    });
    add("GET", "/dropped", [](std::shared_ptr<const Request>, const Reply&) {});
    add("GET", "/twice", [](std::shared_ptr<const Request>, const Reply& reply) {
      reply(Response{.body = "first"});
      reply(Response{.body = "second"});
    });
    add("GET", "/events", [this](const Request& request) -> Result<std::unique_ptr<EventStream>> {
      if (request.query_value("no")) return fail(ErrorCode::not_found, "no such stream");
      if (const auto last = request.header("Last-Event-ID"); !last.empty()) {
        wire_->put(sse_event("", "resumed", last));
      }
      return std::make_unique<WireStream>(wire_);
    });
    router_->add({.method = "POST",
                  .pattern = "/predict",
                  .scope = Scope::open,
                  .legacy_errors = true,
                  .handler = [](const Request& request) { return legacy_error(400, request.body); }});
  }
  ~Serving() override {
    server_.reset();
    workers_.clear();
  }

  template <class F>
  void add(std::string method, std::string pattern, F handler) {
    router_->add({.method = std::move(method),
                  .pattern = std::move(pattern),
                  .scope = Scope::open,
                  .handler = std::move(handler)});
  }

  void start(ServerOptions options = {}, Guard guard = {}, Observer observer = {}) {
    auto server = Server::start(std::move(options), router_, std::move(guard), std::move(observer));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  test::HttpClient connect() const { return test::HttpClient(server_->port()); }
  // What one request on a connection of its own is answered; its status is 0 where there is no answer.
  test::HttpAnswer ask(const std::string& text) const {
    test::HttpClient client = connect();
    client.send(text);
    return client.read_answer(text.starts_with("HEAD")).value_or(test::HttpAnswer{});
  }
  void expect_alive() const { EXPECT_EQ(ask(test::get_text("/hello")).status, 200); }

  static constexpr std::size_t kBig = 8 << 20;
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  std::shared_ptr<Wire> wire_ = std::make_shared<Wire>();
  std::atomic<bool> padded_ = true;
  std::mutex mutex_;
  std::vector<Reply> kept_;
  std::atomic<int> kept_count_ = 0;
  std::vector<std::jthread> workers_;
  std::unique_ptr<Server> server_;
};

}  // namespace pawl::http
