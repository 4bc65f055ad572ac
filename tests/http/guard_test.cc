// Every route behind its door, the health of the process, and the API as it describes itself.
#include "http/routes/guard.h"

#include <gtest/gtest.h>

#include <regex>

#include "api_rig.h"

namespace pawl::http {
namespace {

using test::HttpAnswer;

const std::set<std::string> kOpen = {"/livez", "/readyz", "/api/docs", "/api/v1/hooks/retrain"};

// A request that reaches the route, whatever it then says of it.
std::string request_of(const Route& route, const std::string& key) {
  const std::string path = std::regex_replace(route.pattern, std::regex("\\{[a-z]+\\}"), "x");
  const std::string field = key.empty() ? std::string() : "X-API-Key: " + key + "\r\nConnection: close\r\n";
  if (route.method == "GET") return test::get_text(path, field);
  return test::post_text(path, "{}", field, route.method);
}

TEST(Guard, StandsBeforeEveryRoute) {
  ApiRig rig(loop::rig_recipe(), {.guarded = true});
  std::map<Scope, std::string> secrets;
  for (const Scope scope : {Scope::predict, Scope::read, Scope::admin}) {
    auto made = add_key(rig.files, rig.folder / "keys.json", scope_name(scope), {scope}, std::nullopt,
                        rig.clock.now());
    ASSERT_TRUE(made.has_value()) << made.error().message;
    secrets[scope] = made->secret;
  }
  ASSERT_TRUE(rig.keys->reload().has_value());
  ASSERT_GT(rig.router->routes().size(), 30u);
  for (const Route& route : rig.router->routes()) {
    const std::string name = route.method + " " + route.pattern;
    const HttpAnswer without = rig.ask(request_of(route, ""));
    EXPECT_EQ(route.scope == Scope::open, kOpen.contains(route.pattern)) << name;
    if (route.scope == Scope::open) {
      EXPECT_NE(without.status, 401) << name;
      continue;
    }
    EXPECT_EQ(without.status, 401) << name;
    EXPECT_EQ(without.header("WWW-Authenticate"), "Bearer realm=\"pawl\"") << name;
    const auto body = parse_json(without.body);
    ASSERT_TRUE(body.has_value()) << name;
    EXPECT_EQ(body->contains("error"), route.legacy_errors) << name;
    for (const auto& [scope, secret] : secrets) {
      // A stream that is let in does not end: its head is enough.
      test::HttpClient client(rig.server->port());
      client.send(request_of(route, secret));
      const std::string head = client.read_until("\r\n");
      const bool let_in = scope == route.scope || scope == Scope::admin;
      EXPECT_EQ(head.find(" 403 ") == std::string::npos, let_in)
          << name << " for " << scope_name(scope) << ": " << head;
      EXPECT_EQ(head.find(" 401 "), std::string::npos) << name;
      EXPECT_EQ(head.find(" 500 "), std::string::npos) << name << ": " << head;
    }
  }
}

TEST(Guard, TellsWhoTriesTooManyKeysToWait) {
  ApiRig rig(loop::rig_recipe(), {.guarded = true});
  ASSERT_TRUE(
      add_key(rig.files, rig.folder / "keys.json", "a", {Scope::read}, std::nullopt, rig.clock.now()));
  ASSERT_TRUE(rig.keys->reload().has_value());
  HttpAnswer answer;
  for (int i = 0; i < 12; ++i) answer = rig.get("/version", "X-API-Key: wrong\r\n");
  EXPECT_EQ(answer.status, 429);
  EXPECT_NE(answer.header("Retry-After"), "");
}

TEST(Health, IsAskedOfTheLoopAndItsStore) {
  ApiRig rig(loop::rig_recipe());
  EXPECT_EQ(rig.get("/livez").status, 200);
  EXPECT_EQ(rig.get_json("/readyz")["status"], "ready");
  EXPECT_EQ(rig.get_json("/readyz?verbose=1")["checks"].size(), 2u);
  EXPECT_EQ(rig.get_json("/version")["version"], "9.9.9");
}

TEST(Health, SaysWhatIsNotReady) {
  const recipe::Recipe recipe = loop::rig_recipe();
  const WallClock clock;
  const Log log = Log::silent();
  loop::EventHub hub;
  loop::StatusBoard status;
  const serving::Board board(recipe.line_ids());
  serving::Board empty(recipe.line_ids());
  loop::WallTime time(clock, 0, 0);
  loop::Live live(recipe, empty, hub, time, {});
  const Context context{
      .recipe = recipe,
      .live = live,
      .board = board,
      .hub = hub,
      .status = status,
      .clock = clock,
      .log = log,
      .open_store = [] { return Result<std::unique_ptr<store::Store>>(fail(ErrorCode::io, "gone")); },
      .data_folder = {},
      .program_version = {}};
  Metrics metrics(context);
  auto router = std::make_shared<Router>();
  add_health_routes(*router, context, metrics);
  add_api_routes(*router, context);
  add_retraining_routes(*router, context);
  const auto server = Server::start({}, router);
  ASSERT_TRUE(server.has_value());
  const auto get = [&](const std::string& path) {
    test::HttpClient client((*server)->port());
    client.send(test::get_text(path));
    return client.read_answer().value_or(HttpAnswer{});
  };
  live.close();  // nobody was ever attached
  EXPECT_EQ(get("/livez").status, 200) << "D11: the server goes on without a loop";
  const HttpAnswer ready = get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_NE(ready.body.find("loop: pawl is stopping"), std::string::npos) << ready.body;
  EXPECT_NE(ready.body.find("champion of rig/BTC_USDT: no verified version serves"), std::string::npos);
  EXPECT_EQ(get("/api/v1/runs").status, 503) << "the store is gone";
  EXPECT_EQ(get("/api/ml/retraining/status").status, 200);
  EXPECT_EQ(get("/metrics").status, 200);
  EXPECT_EQ(get("/api/v1/lines").status, 200);
}

// D9
TEST(Health, IsMeasured) {
  ApiRig rig(loop::rig_recipe());
  rig.push(loop::rig_bars(900), 0, 900);
  ASSERT_EQ(rig.post("/api/v1/runs", Json::object()).status, 202);
  EXPECT_EQ(rig.end_of("/api/v1/jobs/1")["verdict"], "promote");
  rig.metrics.observe_predict("BTC_USDT", "BUY");
  rig.metrics.observe_predict("DOGE", "confused");
  rig.metrics.observe_stage("model", 2e-5);
  std::string text;
  ASSERT_TRUE(test::comes_true([&] {
    const HttpAnswer page = rig.get("/metrics");
    EXPECT_EQ(page.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    text = page.body;
    return text.find("version=\"v000001\"") != std::string::npos &&
           text.find("pawl_train_runs_total{result=\"promote\"} 1") != std::string::npos;
  }));
  for (const char* line :
       {"pawl_build_info{version=\"9.9.9\",recipe=\"rig\"} 1",
        "pawl_http_requests_total{route=\"/api/v1/bars\",status=\"200\"} 1",
        "pawl_predict_requests_total{symbol=\"BTC_USDT\",outcome=\"BUY\"} 1",
        "pawl_predict_requests_total{symbol=\"other\",outcome=\"error\"} 1",
        "pawl_predict_duration_seconds_bucket{stage=\"model\",le=\"1e-05\"} 0",
        "pawl_predict_duration_seconds_bucket{stage=\"model\",le=\"+Inf\"} 1",
        "pawl_train_duration_seconds_count 1", "pawl_model_age_seconds{line=\"rig/BTC_USDT\"} ",
        "pawl_model_trained_timestamp_seconds{line=\"rig/BTC_USDT\"} ",
        "pawl_data_last_bar_timestamp_seconds{symbol=\"BTC/USDT\"} ",
        "pawl_signals_total{line=\"rig/BTC_USDT\"} ", "pawl_training_in_progress 0",
        "# TYPE pawl_signals_total counter", "pawl_http_connections ", "process_resident_memory_bytes ",
        "process_cpu_seconds_total ", "process_open_fds ", "process_start_time_seconds "}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
  EXPECT_TRUE(text.ends_with('\n'));
}

TEST(OpenApi, DescribesEveryRoute) {
  ApiRig rig(loop::rig_recipe());
  const Json api = rig.get_json("/openapi.json");
  EXPECT_EQ(api["openapi"], "3.1.0");
  EXPECT_EQ(api["info"]["version"], "9.9.9");
  std::set<std::string> ids;
  std::size_t operations = 0;
  for (const auto& [path, methods] : api["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      ++operations;
      ids.insert(operation["operationId"].get<std::string>());
      EXPECT_FALSE(operation["summary"].get<std::string>().empty()) << path;
    }
  }
  EXPECT_EQ(operations, rig.router->routes().size());
  EXPECT_EQ(ids.size(), operations) << "each has a name of its own";
  EXPECT_TRUE(
      api["paths"]["/api/v1/bars"]["post"]["requestBody"]["content"]["application/json"]["example"]["bars"]
          .is_array());
  EXPECT_EQ(api["paths"]["/api/v1/jobs/{id}"]["get"]["parameters"][0]["name"], "id");
  const HttpAnswer docs = rig.get("/api/docs");
  EXPECT_EQ(docs.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(docs.header("Content-Security-Policy"), "");
  EXPECT_EQ(docs.body.find("<script"), std::string::npos);
  EXPECT_NE(docs.body.find("curl -X POST"), std::string::npos);
}

}  // namespace
}  // namespace pawl::http
