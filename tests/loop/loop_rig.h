// A whole loop in memory over a small recipe: fed bar by bar, so that a test can ask at every instant.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loop/loop.h"
#include "market/sources/simulated.h"
#include "recipe/recipe.h"
#include "support/failing_executor.h"

namespace pawl::loop {

inline constexpr const char* kRigRecipe = R"(schema: 1
recipe: rig
symbols: [BTC/USDT]
source: {kind: simulated}
features: [clv, ret(1), rsi(14)]
label: {kind: horizon_return, horizon_bars: 3}
model: {kind: xgboost, trees: 5, depth: 2}
signal: {kind: edge, min_edge: 0}
costs: {per_side_bp: 5}
validation: {window_days: 60, judged_days: 10, embargo_bars: 4, min_bars: 300, min_judged_rows: 50}
gate: {policy: always}
auto_training: {enabled: false}
training: {latency_minutes: 30, cooldown_hours: 0, backoff_hours: 1, defer_hours: 24}
)";

using Sets = std::vector<std::pair<std::string, std::string>>;

inline recipe::Recipe rig_recipe(const Sets& set = {}) {
  auto loaded = recipe::load_recipe(kRigRecipe, "rig.yaml", {.set = set, .environment = {}});
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
  return std::move(*loaded);
}

// Bars of a market whose pattern can be learnt.
inline BarSeries rig_bars(std::size_t count, std::uint64_t seed = 3) {
  market::SimulatedSettings settings;
  settings.bars = static_cast<std::int64_t>(count);
  settings.seed = seed;
  return market::simulate(settings, 3).bars;
}

struct Rig {
  explicit Rig(const Sets& set = {}) : Rig(rig_recipe(set)) {}
  explicit Rig(recipe::Recipe made) : recipe(std::move(made)) {
    auto opened = store::open_sqlite({});
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    store = std::move(*opened);
    registry = std::make_unique<registry::Registry>(*store, files, Path{});
    reopen();
  }

  // A loop as a new process would make it, over the same store.
  void reopen() {
    loop.reset();
    clock = SimulatedClock();
    auto made = Loop::open(recipe, {*store, *registry, executor, clock, log}, decisions,
                           [this](const Event& event) { events.push_back(event); });
    ASSERT_TRUE(made.has_value()) << made.error().message;
    loop = std::move(*made);
  }

  Line& line(std::size_t index = 0) { return *loop->lines()[index]; }
  Series& series(std::size_t index = 0) { return loop->series(index); }
  void ask_for_training(const std::string& reason = "a test wants it") { line().manual_reason = reason; }

  void step(const Bar& bar) {
    const Status stepped = loop->step({.close_time = bar.close_time, .items = {{0, bar}}});
    ASSERT_TRUE(stepped.has_value()) << stepped.error().message;
  }
  // Bars [from, to).
  void feed(const BarSeries& bars, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) step(bars[i]);
  }

  std::vector<Event> events_of(std::string_view kind) const {
    std::vector<Event> found;
    for (const Event& event : events) {
      if (event.kind == kind) found.push_back(event);
    }
    return found;
  }
  std::vector<Prediction> predictions() const {
    auto read = store->predictions().read_after(0, 1'000'000);
    EXPECT_TRUE(read.has_value());
    return *read;
  }
  std::vector<store::RunRecord> runs() const {
    auto read = store->runs().list();
    EXPECT_TRUE(read.has_value());
    return *read;
  }

  recipe::Recipe recipe;
  RealFileSystem files;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<registry::Registry> registry;
  test::FailingExecutor executor{training::make_inline_executor(files, {}, 0, 1)};
  SimulatedClock clock;
  Log log = Log::silent();
  DecisionLog decisions{true};
  std::vector<Event> events;
  std::unique_ptr<Loop> loop;
};

}  // namespace pawl::loop
