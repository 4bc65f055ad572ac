// A whole process in small: a store on disk, a loop on its own thread with a trainer beside it, and a server
// on loopback with every route of the room.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/background.h"
#include "http/routes/api.h"
#include "http/routes/filter.h"
#include "http/routes/guard.h"
#include "http/routes/health.h"
#include "http/routes/metrics.h"
#include "http/routes/openapi.h"
#include "http/routes/retraining.h"
#include "loop/loop_rig.h"
#include "support/http_client.h"
#include "support/test_files.h"

namespace pawl::http {

inline constexpr const char* kHookSecret = "a secret of the test's own, which nobody guesses";

class ApiRig {
 public:
  struct Options {
    std::size_t ring = 4096;
    bool guarded = false;
  };
  explicit ApiRig(recipe::Recipe made) : ApiRig(std::move(made), Options{}) {}
  ApiRig(recipe::Recipe made, Options options) : recipe(std::move(made)), hub(options.ring) {
    store = open_store(false);
    registry = std::make_unique<registry::Registry>(*store, files, folder.path());
    loop::Rooms rooms{*store, *registry, *executor, loop_clock, log};
    rooms.background = [this](int priority, std::function<void()> work) {
      trainer.post(priority, [this, work = std::move(work)] {
        work();
        live.wake();
      });
    };
    auto opened =
        loop::Loop::open(recipe, rooms, decisions, [this](const Event& event) { live.observe(event); });
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    loop = std::move(*opened);
    live.attach(*loop, *store, *registry);
    add_all(*router);
    auto opened_keys = KeyRing::open(files, folder / "keys.json");
    EXPECT_TRUE(opened_keys.has_value());
    keys = std::move(*opened_keys);
    access = std::make_unique<Access>(AccessSettings{}, *keys);
    auto started = Server::start({}, router, options.guarded ? make_guard(*access, *keys, clock) : Guard(),
                                 make_observer(metrics));
    EXPECT_TRUE(started.has_value()) << started.error().message;
    server = std::move(*started);
    metrics.set_server_stats([this] { return server->stats(); });
    hub.on_publish([this] { server->wake(); });
    thread = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const loop::Live::Step step = live.step();
        failed = failed || !step.status;
        status.put(loop::status_of(*loop, *registry, live.now()));
        live.wait(step.wait_seconds);
      }
      live.close();
    });
  }
  ~ApiRig() {
    trainer.stop();
    thread.request_stop();
    live.wake();
    thread.join();
    server.reset();
    EXPECT_FALSE(failed) << "the loop had to be rebuilt";
  }

  void add_all(Router& to) {
    add_api_routes(to, context, kHookSecret);
    add_retraining_routes(to, context);
    add_filter_routes(to, context);
    add_health_routes(to, context, metrics);
    add_openapi_routes(to, context);
  }

  std::unique_ptr<store::Store> open_store(bool read_only) const {
    auto opened = store::open_sqlite({.file = folder / "pawl.db", .vfs = {}, .read_only = read_only});
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return opened.has_value() ? std::move(*opened) : nullptr;
  }

  test::HttpAnswer ask(const std::string& text) const {
    test::HttpClient client(server->port());
    client.send(text);
    return client.read_answer().value_or(test::HttpAnswer{});
  }
  test::HttpAnswer get(const std::string& path, const std::string& headers = {}) const {
    return ask(test::get_text(path, headers));
  }
  test::HttpAnswer post(const std::string& path, const Json& body, const std::string& headers = {}) const {
    return ask(test::post_text(path, body.dump(), headers));
  }
  // The body of an answer that must be a success.
  Json get_json(const std::string& path) const { return json_of(get(path)); }
  Json post_json(const std::string& path, const Json& body) const { return json_of(post(path, body)); }
  static Json json_of(const test::HttpAnswer& answer) {
    EXPECT_EQ(answer.status / 100, 2) << answer.head << answer.body;
    auto json = parse_json(answer.body);
    EXPECT_TRUE(json.has_value()) << answer.body;
    return json.value_or(Json());
  }

  // Bars [from, to) as a body of POST /api/v1/bars.
  static Json body_of(const BarSeries& bars, std::size_t from, std::size_t to) {
    Json list = Json::array();
    for (std::size_t i = from; i < to; ++i) list.push_back(bar_json(bars[i]));
    return {{"bars", std::move(list)}};
  }
  static Json bar_json(const Bar& bar) {
    return {{"open_time", format_time(bar.open_time)},
            {"open", bar.open},
            {"high", bar.high},
            {"low", bar.low},
            {"close", bar.close},
            {"volume", bar.volume}};
  }
  void push(const BarSeries& bars, std::size_t from, std::size_t to) const {
    EXPECT_EQ(post_json("/api/v1/bars", body_of(bars, from, to))["added"], to - from);
  }
  // The job once it no longer runs.
  Json end_of(const std::string& url) const {
    Json job;
    EXPECT_TRUE(test::comes_true([&] {
      job = get_json(url);
      return job["state"] != "running";
    }));
    return job;
  }
  // Runs on the loop's thread; returns when it is durable.
  void on_loop(std::function<void(loop::Live&)> work) {
    std::atomic<bool> done = false;
    live.post({.run = std::move(work), .settled = [&](const Status& durable) {
                 EXPECT_TRUE(durable.has_value());
                 done = true;
               }});
    EXPECT_TRUE(test::comes_true([&] { return done.load(); }));
  }

  recipe::Recipe recipe;
  test::TempFolder folder;
  RealFileSystem files;
  WallClock clock;
  Log log = Log::silent();
  loop::DecisionLog decisions{false};
  std::unique_ptr<training::Executor> executor = training::make_inline_executor(files, {}, 0, 1);
  SimulatedClock loop_clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<registry::Registry> registry;
  loop::EventHub hub;
  loop::StatusBoard status;
  serving::Board board{recipe.line_ids()};
  loop::WallTime time{clock, kHourMs, 0};
  loop::Live live{recipe, board, hub, time, {.heartbeat_ms = 0}};
  std::unique_ptr<loop::Loop> loop;
  Context context{
      .recipe = recipe,
      .live = live,
      .board = board,
      .hub = hub,
      .status = status,
      .clock = clock,
      .log = log,
      .open_store = [this]() -> Result<std::unique_ptr<store::Store>> { return open_store(true); },
      .data_folder = folder.path().string(),
      .program_version = "9.9.9",
      .live_market = false};
  Metrics metrics{context};
  std::shared_ptr<Router> router = std::make_shared<Router>();
  std::unique_ptr<KeyRing> keys;
  std::unique_ptr<Access> access;
  std::unique_ptr<Server> server;
  BackgroundWorker trainer;
  std::atomic<bool> failed = false;
  std::jthread thread;
};

}  // namespace pawl::http
