#include "serve_child.h"

#include <chrono>
#include <cstdio>
#include <thread>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "http/routes/predict.h"
#include "http/server.h"
#include "http_load.h"
#include "window_material.h"

namespace pawl::bench {

namespace {

constexpr const char* kRecipe = R"(schema: 1
recipe: forex-weekly
symbols: [EUR_USD]
bars: {base: M5}
source: {kind: simulated}
features: [rsi(14)]
label: {kind: horizon_return, horizon_bars: 12}
model: {kind: xgboost}
signal: {kind: top_class, min_probability: 0.45}
costs: {per_side_bp: 1}
validation: {window_days: 60, judged_days: 10}
gate: {policy: always}
auto_training: {enabled: false}
)";

// Parses all of it and sends it back.
http::Response echo(const http::Request& request) {
  // Kept from request to request, as our own reader keeps its memory.
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(request.body.data(), request.body.size(), false).get(root) != simdjson::SUCCESS) {
    return http::legacy_error(400, "no JSON");
  }
  return {.body = request.body};
}

Status serve(const std::string& folder, bool swapping) {
  auto recipe = recipe::load_recipe(kRecipe, "bench.yaml", {});
  if (!recipe) return propagate(recipe);
  auto first = window_version(wide_window_specs(), 300, 6);
  if (!first) return propagate(first);
  auto second = window_version(wide_window_specs(), 300, 6);
  if (!second) return propagate(second);
  (*second)->bundle.number = {13};

  serving::Board board(recipe->line_ids());
  board.publish(0, *first);
  loop::EventHub hub;
  loop::StatusBoard status;
  const WallClock clock;
  const Log log = Log::silent();
  loop::WallTime time(clock, kHourMs, 0);
  loop::Live live(*recipe, board, hub, time, {});
  RealFileSystem files;
  auto store = store::open_sqlite({.file = Path(folder) / "pawl.db"});
  if (!store) return propagate(store);
  auto intake = loop::Intake::open(files, Path(folder) / "intake", **store, clock, log);
  if (!intake) return propagate(intake);
  const http::Context context{.recipe = *recipe,
                              .live = live,
                              .board = board,
                              .hub = hub,
                              .status = status,
                              .clock = clock,
                              .log = log,
                              .open_store = {},
                              .data_folder = folder,
                              .program_version = "bench",
                              .live_market = false};
  const auto router = std::make_shared<http::Router>();
  const auto refresh = http::add_predict_routes(*router, context, intake->get());
  router->add({.method = "POST", .pattern = "/echo", .handler = echo, .operation_id = "echo"});
  auto server = http::Server::start({}, router);
  if (!server) return propagate(server);
  std::printf("%d\n", (*server)->port());
  std::fflush(stdout);
  for (bool other = true;; other = !other) {
    // What the loop's thread does once a second: here without a loop.
    const double drain_at_s = monotonic_seconds() + 1;
    while (monotonic_seconds() < drain_at_s) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      if (!swapping) continue;
      board.publish(0, other ? *second : *first);
      (*server)->post_all(refresh);
      other = !other;
    }
    if (auto drained = (*intake)->drain(**store, clock.now(), {}); !drained) return propagate(drained);
  }
}

Status train() {
  for (;;) {
    if (auto version = window_version(wide_window_specs(), 100, 6); !version) return propagate(version);
  }
}

}  // namespace

bool is_serve_child(std::span<char* const> words) {
  if (words.size() < 3) return false;
  const std::string_view word = words[1];
  return word == kServe || word == kServeSwapping || word == kTrain;
}

int serve_child(std::span<char* const> words) {
  const std::string_view word = words[1];
  pin_to(std::atoi(words[2]));
  const Status ended = word == kTrain ? train() : serve(words[3], word == kServeSwapping);
  std::fputs(fmt::format("{}\n", ended.error().message).c_str(), stderr);
  return 1;
}

}  // namespace pawl::bench
