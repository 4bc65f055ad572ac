// A loop over several markets in memory, for groups and pools.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "loop/replay.h"
#include "market/sources/simulated.h"
#include "recipe/recipe.h"

namespace pawl::loop {

// Says what a test tells it to, by line and by how often it was asked.
class ScriptedGate final : public gates::GatePolicy {
 public:
  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    asked.emplace_back(group.begin(), group.end());
    std::vector<Verdict> verdicts;
    for (const Evidence& line : group) {
      verdicts.push_back(
          {line.line, line.eligible ? Decision::promote : Decision::insufficient, {}, {"scripted"}});
    }
    return verdicts;
  }
  mutable std::vector<std::vector<Evidence>> asked;
};

inline recipe::Recipe several_recipe(const std::string& text,
                                     const std::vector<std::pair<std::string, std::string>>& set = {}) {
  auto loaded = recipe::load_recipe(text, "several.yaml", {.set = set, .environment = {}});
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
  return std::move(*loaded);
}

// Bars of as many markets as the recipe has, each its own walk with a pattern that can be learnt.
inline std::vector<BarSeries> several_bars(std::size_t markets, std::size_t count,
                                           Timeframe timeframe = kH1) {
  std::vector<BarSeries> series;
  for (std::size_t i = 0; i < markets; ++i) {
    market::SimulatedSettings settings;
    settings.timeframe = timeframe;
    settings.bars = static_cast<std::int64_t>(count);
    settings.seed = 100 + i;
    series.push_back(market::simulate(settings, 3).bars);
  }
  return series;
}

struct SeveralRig {
  explicit SeveralRig(recipe::Recipe given, OutsidePoints outside = {}) : recipe(std::move(given)) {
    auto opened = store::open_sqlite({});
    EXPECT_TRUE(opened.has_value());
    store = std::move(*opened);
    registry = std::make_unique<registry::Registry>(*store, files, Path{});
    open(std::move(outside));
  }
  // A loop as a new process would make it, over the same store.
  void open(OutsidePoints outside = {}) {
    loop.reset();
    clock = SimulatedClock();
    auto made = Loop::open(
        recipe, {*store, *registry, *executor, clock, log}, decisions,
        [this](const Event& event) { events.push_back(event); }, std::move(outside));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    loop = std::move(*made);
  }
  void play(const std::vector<BarSeries>& series) {
    const Status played = replay(*loop, series, {});
    ASSERT_TRUE(played.has_value()) << played.error().message;
  }
  std::vector<Json> payloads(std::string_view kind) const {
    std::vector<Json> found;
    for (const Event& event : events) {
      if (event.kind == kind) found.push_back(*parse_json(event.payload));
    }
    return found;
  }

  recipe::Recipe recipe;
  RealFileSystem files;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<training::Executor> executor = training::make_inline_executor(files, {}, 0, 1);
  SimulatedClock clock;
  Log log = Log::silent();
  DecisionLog decisions{true};
  std::vector<Event> events;
  std::unique_ptr<Loop> loop;
};

}  // namespace pawl::loop
