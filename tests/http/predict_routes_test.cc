// /predict and its neighbours over the wire: what clients send, what they get, and swaps under their
// requests. A8, A9, E2.
#include "http/routes/predict.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "domain/resampler.h"
#include "http/predict_bodies.h"
#include "http/server.h"
#include "loop/loop_rig.h"
#include "serving/fixed_version.h"
#include "support/http_client.h"
#include "support/test_files.h"
#include "support/walk_bars.h"

namespace pawl::http {
namespace {

using namespace test;
using pawl::test::comes_true;
using pawl::test::get_text;
using pawl::test::HttpAnswer;
using pawl::test::HttpClient;
using pawl::test::post_text;
using pawl::test::TempFolder;

const std::vector<std::string> kSpecs = {"rsi(14)", "ema(12)@H1/close-1", "ret(3)@H4"};

constexpr const char* kRecipe = R"(schema: 1
recipe: fx
symbols: [EUR_USD, GBP_USD]
bars: {base: M5}
source: {kind: simulated}
features: [rsi(14), ema(12)@H1/close-1, ret(3)@H4]
label: {kind: horizon_return, horizon_bars: 12}
model: {kind: xgboost, trees: 5, depth: 2}
signal: {kind: edge, min_edge: 0.02}
costs: {per_side_bp: 1}
validation: {window_days: 60, judged_days: 10, embargo_bars: 4}
gate: {policy: always}
auto_training: {enabled: false}
training: {latency_minutes: 30, cooldown_hours: 0, backoff_hours: 1, defer_hours: 24}
)";

recipe::Recipe fx_recipe() {
  auto loaded = recipe::load_recipe(kRecipe, "fx.yaml", {});
  EXPECT_TRUE(loaded) << loaded.error().message;
  return *std::move(loaded);
}

// M5 candles with H1 and H4 ones around them, as a chart shows them.
std::string fx_body(std::string_view pair = "EUR_USD", std::uint64_t seed = 1, std::string_view more = {}) {
  const BarSeries m5 = pawl::test::walk_bars(seed, 300, pawl::test::kWalkStart + 50 * kDayMs, kM5);
  const BarSeries h1 = pawl::test::walk_bars(seed + 1, 280, m5.open_time(0) - 260 * kHourMs, kH1);
  const BarSeries h4 = pawl::test::walk_bars(seed + 2, 260, m5.open_time(0) - 255 * 4 * kHourMs, kH4);
  return body_text(
      pair, {{"ohlcv_m5", window_text(m5)}, {"ohlcv_h1", window_text(h1)}, {"ohlcv_h4", window_text(h4)}},
      more);
}

// A version that answers with p for a rise, and whose number says which p.
std::shared_ptr<registry::LoadedVersion> version_of(const std::string& line, std::int64_t number) {
  const double p = 0.5 + static_cast<double>(number % 1000) / 4000;
  auto version = serving::test::fixed_version({1 - p, p}, kSpecs, kM5);
  version->bundle.line = line;
  version->bundle.number = {number};
  version->content_hash = fmt::format("{:064}", number);
  version->bundle.scores.set("accuracy", 0.53);
  version->bundle.judged.model_kind = "xgboost";
  version->bundle.judged.trained_on = {
      .from = pawl::test::kWalkStart, .to = pawl::test::kWalkStart + kDayMs, .rows = 288};
  return version;
}
double p_of(std::int64_t number) {
  return 0.5 + static_cast<double>(number % 1000) / 4000;
}

// A server whose loop is stepped by the test.
class PredictRoutes : public testing::Test {
 protected:
  explicit PredictRoutes(recipe::Recipe given = fx_recipe()) : recipe(std::move(given)) {}
  ~PredictRoutes() override {
    server.reset();
    live.close();
  }

  void start(int threads = 1, bool with_intake = true) {
    auto opened = store::open_sqlite({});
    ASSERT_TRUE(opened);
    intake_store = std::move(*opened);
    if (with_intake) {
      auto made = loop::Intake::open(files, folder / "intake", *intake_store, clock, log);
      ASSERT_TRUE(made) << made.error().message;
      intake = std::move(*made);
    }
    router = std::make_shared<Router>();
    refresh = add_predict_routes(*router, context, intake.get());
    auto started = Server::start({.threads = threads}, router);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }
  void publish(std::size_t line, std::int64_t number) {
    board.publish(line, version_of(board.line(line), number));
  }
  HttpAnswer ask(const std::string& text) {
    HttpClient client(server->port());
    client.send(text);
    return client.read_answer().value_or(HttpAnswer{});
  }
  HttpAnswer post(std::string_view path, const std::string& body) { return ask(post_text(path, body)); }
  Json json_of(const HttpAnswer& answer) {
    auto json = parse_json(answer.body);
    EXPECT_TRUE(json) << answer.body;
    return json ? *json : Json();
  }

  TempFolder folder;
  RealFileSystem files;
  recipe::Recipe recipe;
  serving::Board board{recipe.line_ids()};
  loop::EventHub hub;
  loop::StatusBoard status;
  WallClock clock;
  loop::WallTime time{clock, kHourMs, 0};
  loop::Live live{recipe, board, hub, time, {}};
  Log log = Log::silent();
  Context context{.recipe = recipe,
                  .live = live,
                  .board = board,
                  .hub = hub,
                  .status = status,
                  .clock = clock,
                  .log = log,
                  .open_store = {},
                  .data_folder = folder.path().string(),
                  .program_version = "1.2.3",
                  .live_market = false};
  std::unique_ptr<store::Store> intake_store;
  std::unique_ptr<loop::Intake> intake;
  std::shared_ptr<Router> router;
  std::function<void()> refresh;
  std::unique_ptr<Server> server;
};

TEST_F(PredictRoutes, AnswersWindowsFromWhatServes) {
  publish(0, 12);
  start();
  const HttpAnswer answer = post("/predict", fx_body());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.body.starts_with(R"({"pair":"EUR_USD","model_pair":"EUR_USD","prediction":")"))
      << answer.body;
  const Json json = json_of(answer);
  EXPECT_EQ(json["version"], "v000012");
  EXPECT_EQ(json["probabilities"]["BUY"], p_of(12));
  EXPECT_FALSE(json.contains("logged")) << "it was written down, as nearly always";
  EXPECT_EQ(intake->kept(), 1);
}

TEST_F(PredictRoutes, TakesABodyThatAnExpertAdvisorSends) {
  publish(0, 3);
  start();
  // Its strings end with a NUL byte, and WebRequest sends that too.
  std::string body = fx_body("EURUSD.m");
  body.push_back('\0');
  const HttpAnswer answer = post("/predict", body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body.find("\"error\":"), std::string::npos);
  EXPECT_EQ(answer.body.find("\"message\":\""), std::string::npos);
}

TEST_F(PredictRoutes, SaysWhatIsWrongAsTheOriginalDid) {
  publish(0, 3);
  start();
  const HttpAnswer empty = post("/predict", "");
  EXPECT_EQ(empty.status, 400);
  EXPECT_TRUE(empty.body.starts_with(R"({"error":")")) << empty.body;
  const HttpAnswer unknown = post("/predict", fx_body("USD_CHF"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(json_of(unknown)["error"], "pair: there is no model for USD_CHF; there are: EUR_USD, GBP_USD");
  const HttpAnswer not_yet = post("/predict", fx_body("GBP_USD"));
  EXPECT_EQ(not_yet.status, 503) << "the line is there, and nothing serves it yet";
  const HttpAnswer few = post(
      "/predict",
      body_text("EUR_USD",
                {{"ohlcv_m5", window_text(pawl::test::walk_bars(1, 300, pawl::test::kWalkStart, kM5))}}));
  EXPECT_EQ(few.status, 400);
  EXPECT_NE(few.body.find("ohlcv_h1 is missing"), std::string::npos) << few.body;
  EXPECT_EQ(intake->kept(), 0) << "nothing of a refused request is used";
}

TEST_F(PredictRoutes, AVersionThatCannotBeComputedHereSaysSo) {
  auto version = version_of(board.line(0), 5);
  version->bundle.features_hash = "another";
  board.publish(0, version);
  start();
  const HttpAnswer answer = post("/predict", fx_body());
  EXPECT_EQ(answer.status, 409);
  EXPECT_NE(answer.body.find("train a new version"), std::string::npos) << answer.body;
}

TEST_F(PredictRoutes, ABatchAnswersEachByItself) {
  publish(0, 7);
  publish(1, 8);
  start();
  const HttpAnswer answer =
      post("/batch_predict",
           fmt::format(R"({{"requests":[{},{{"pair":"EUR_USD"}},{}]}})", fx_body(), fx_body("GBP_USD", 9)));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = json_of(answer);
  EXPECT_EQ(json["count"], 3);
  EXPECT_EQ(json["results"][0]["version"], "v000007");
  EXPECT_TRUE(json["results"][1].contains("error"));
  EXPECT_EQ(json["results"][2]["version"], "v000008");
  EXPECT_EQ(post("/batch_predict", "[]").status, 400);
}

TEST_F(PredictRoutes, HealthNamesWhatIsLoadedAndWhatIsSupported) {
  publish(0, 7);
  start();
  const HttpAnswer answer = ask(get_text("/health"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with(R"({"status":"healthy","timestamp":")")) << answer.body;
  const Json json = json_of(answer);
  EXPECT_EQ(json["models_loaded"], Json({"EUR_USD"}));
  EXPECT_EQ(json["supported_pairs"], Json({"EUR_USD", "GBP_USD"}));
  EXPECT_EQ(json["models"][0]["version"], "v000007");
  EXPECT_EQ(json["mode"], "paper");
}

TEST_F(PredictRoutes, ModelInfoShowsTheVersionThatAnswers) {
  publish(0, 7);
  start();
  for (const char* pair : {"EUR_USD", "EURUSD", "EURUSD.m"}) {
    const HttpAnswer answer = ask(get_text(fmt::format("/model_info/{}", pair)));
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json json = json_of(answer);
    EXPECT_EQ(json["pair"], "EUR_USD");
    EXPECT_EQ(json["version"], "v000007");
    EXPECT_EQ(json["model"], "xgboost");
    EXPECT_EQ(json["trained_to"], "2024-01-02T00:00:00Z");
    EXPECT_EQ(json["feature_count"], 3);
    EXPECT_EQ(json["features"][0], "rsi(14)");
    EXPECT_EQ(json["metrics"]["accuracy"], 0.53);
  }
  EXPECT_EQ(ask(get_text("/model_info/USDCHF")).status, 404);
  EXPECT_EQ(ask(get_text("/model_info/..")).status, 400);
}

TEST_F(PredictRoutes, V1AnswersWindowsAndSpeaksProblems) {
  publish(0, 12);
  start();
  EXPECT_EQ(json_of(post("/api/v1/predict", fx_body()))["version"], "v000012");
  const HttpAnswer bad = post("/api/v1/predict", R"({"pair":"EUR_USD"})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(json_of(bad)["code"], "bad_data");
}

TEST_F(PredictRoutes, AFullDiskCostsTheLogAndNotTheAnswer) {
  publish(0, 12);
  start();
  // Where its file would be, there is a folder.
  std::filesystem::create_directories(folder / "intake" / "000001.log");
  const HttpAnswer answer = post("/predict", fx_body());
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.body.ends_with(R"(,"logged":false})")) << answer.body;
  EXPECT_TRUE(parse_json(answer.body));
  EXPECT_EQ(intake->failed(), 1);
}

// Every answer's numbers are those of the version that it names, whatever is published meanwhile, and a
// version that no longer serves is let go.
TEST_F(PredictRoutes, SwapsUnderRequestsNeverMix) {
  publish(0, 1);
  publish(1, 1);
  start(2);
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0, wrong = 0;
  std::set<std::string> versions;
  std::mutex mutex;
  {
    std::vector<std::jthread> clients;
    for (int c = 0; c < 4; ++c) {
      clients.emplace_back([&, c] {
        const std::string pair = c % 2 == 0 ? "EUR_USD" : "GBP_USD";
        const std::string request = post_text("/predict", fx_body(pair, static_cast<std::uint64_t>(c) + 1));
        HttpClient client(server->port());
        while (!stop) {
          client.send(request);
          const auto answer = client.read_answer();
          const auto json = answer && answer->status == 200 ? parse_json(answer->body) : Json();
          if (!json || !json->is_object()) {
            ++wrong;
            return;
          }
          const std::string version = (*json)["version"].get<std::string>();
          const std::int64_t number = VersionNumber::parse(version)->value;
          const bool right = (*json)["probabilities"]["BUY"] == p_of(number) &&
                             (*json)["content_hash"] == fmt::format("{:064}", number) &&
                             (*json)["pair"] == pair;
          if (!right) ++wrong;
          ++answered;
          const std::scoped_lock lock(mutex);
          versions.insert(version);
        }
      });
    }
    for (std::int64_t number = 2; number <= 1000 && wrong == 0; ++number) {
      publish(0, number);
      publish(1, number);
      server->post_all(refresh);
      const int before = answered;
      if (number % 20 == 0) {
        EXPECT_TRUE(comes_true([&] { return answered > before || wrong > 0; }));
      }
    }
    stop = true;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(versions.size(), 10u);
  const std::weak_ptr<const registry::LoadedVersion> old = board.model(0).get();
  publish(0, 1001);
  server->post_all(refresh);
  EXPECT_TRUE(comes_true([&] { return old.expired(); })) << "an idle thread holds on to it";
}

// The loop that the bars go to, driven by a thread of the test's.
class PredictBars : public PredictRoutes {
 protected:
  PredictBars() : PredictRoutes(loop::rig_recipe()), rig(loop::rig_recipe()), bars(loop::rig_bars(200)) {}
  ~PredictBars() override {
    stopping = true;
    live.close();
  }
  void run() {
    start();
    // As a process would that has bars up to here.
    auto made = loop::Loop::open(recipe, {*rig.store, *rig.registry, rig.executor, rig.clock, rig.log},
                                 rig.decisions, [this](const Event& event) { live.observe(event); });
    ASSERT_TRUE(made) << made.error().message;
    loop = std::move(*made);
    live.attach(*loop, *rig.store, *rig.registry);
    driver = std::jthread([this] {
      while (!stopping) {
        live.wait(live.step().wait_seconds);
      }
    });
  }
  std::string bar_body(std::size_t i, std::string_view more = "") {
    const Bar bar = bars[i];
    return fmt::format(
        R"({{"symbol":"BTC/USDT","bar":{{"open_time":"{}","open":{},"high":{},"low":{},"close":{},"volume":{}}}{}}})",
        format_time(bar.open_time), bar.open, bar.high, bar.low, bar.close, bar.volume, more);
  }

  loop::Rig rig;
  BarSeries bars;
  std::unique_ptr<loop::Loop> loop;
  std::atomic<bool> stopping = false;
  std::jthread driver;
};

TEST_F(PredictBars, ANewBarIsPredictedAtAndAnsweredOnceDurable) {
  run();
  Json last;
  for (std::size_t i = 0; i < 60; ++i) {
    const HttpAnswer answer = post("/api/v1/predict", bar_body(i));
    ASSERT_EQ(answer.status, 200) << answer.body;
    last = json_of(answer);
    EXPECT_EQ(last["added"], 1);
    if (i == 0) {
      EXPECT_TRUE(last["prediction"].is_null());
      EXPECT_NE(last["reason"].get<std::string>().find("more bars"), std::string::npos);
    }
  }
  ASSERT_TRUE(last["prediction"].is_object()) << last.dump();
  EXPECT_EQ(last["prediction"]["symbol"], "BTC_USDT");
  EXPECT_EQ(last["prediction"]["line"], "rig/BTC_USDT");
  EXPECT_EQ(last["prediction"]["version"], "v000000");
  EXPECT_EQ(last["prediction"]["bar_open_time"], format_time(bars.open_time(59)));

  const Json again = json_of(post("/api/v1/predict", bar_body(59)));
  EXPECT_EQ(again["duplicates"], 1);
  EXPECT_TRUE(again["prediction"].is_null());
  EXPECT_NE(again["reason"].get<std::string>().find("known already"), std::string::npos);

  const HttpAnswer gap = post("/api/v1/predict", bar_body(65));
  EXPECT_EQ(gap.status, 409) << gap.body;
  const Json accepted = json_of(post("/api/v1/predict", bar_body(65, R"(,"accept_gap":true)")));
  EXPECT_EQ(accepted["added"], 1);
  EXPECT_EQ(accepted["gaps"].size(), 1u);

  stopping = true;
  live.wake();
  driver.join();
  const auto stored =
      rig.store->predictions().read_after(last["prediction"]["id"].get<std::int64_t>() - 1, 1);
  ASSERT_EQ(stored->size(), 1u);
  EXPECT_EQ(side_name(stored->front().side), last["prediction"]["side"].get<std::string>());
}

TEST_F(PredictBars, ABadBarIsNamed) {
  run();
  for (
      const auto& [body, what] : std::vector<std::pair<std::string, std::string>>{
          {R"({"bar":{}})", "symbol: is missing"},
          {R"({"symbol":"BTC_USDT","bar":1})", "bar: is not an object"},
          {R"({"symbol":"BTC_USDT","bar":{}})", "bar.open_time: is missing"},
          {R"({"symbol":"BTC_USDT","bar":{"open_time":true}})", "bar.open_time: is no time"},
          {R"({"symbol":"BTC_USDT","bar":{"time":1704067200,"open":1}})", "high"},
          {R"({"symbol":"BTC_USDT","bar":{"time":1704067200,"open":2,"high":1,"low":1,"close":1}})",
           "bar: high"},
          {R"({"symbol":"BTC_USDT","bar":{"time":1704067201,"open":1,"high":1,"low":1,"close":1}})",
           "is not where a H1 bar opens"},
          {R"({"symbol":"BTC_USDT","bar":{"time":4000000000000,"open":1,"high":1,"low":1,"close":1}})",
           "bar"},
          {R"({"symbol":"BTC_USDT","accept_gap":1,"bar":{"time":1704067200,"open":1,"high":1,"low":1,"close":1}})",
           "accept_gap"}}) {
    const HttpAnswer answer = post("/api/v1/predict", body);
    EXPECT_EQ(answer.status, 400) << body << " " << answer.body;
    EXPECT_NE(answer.body.find(what), std::string::npos) << body << " " << answer.body;
  }
  EXPECT_EQ(post("/api/v1/predict", R"({"symbol":"ETH_USDT","bar":{}})").status, 404);
}

TEST_F(PredictRoutes, ABarIsRefusedWhileTheLoopIsNotThere) {
  start();
  std::jthread asker([this] {
    const HttpAnswer answer =
        post("/api/v1/predict",
             R"({"symbol":"EUR_USD","bar":{"time":1704067200,"open":1,"high":1,"low":1,"close":1}})");
    EXPECT_EQ(answer.status, 409);
    EXPECT_NE(answer.body.find("try again"), std::string::npos) << answer.body;
  });
  live.wait(10);
  live.step();
}

}  // namespace
}  // namespace pawl::http
