// A live loop that a test steps by hand: a clock that goes where it is put, training that is done when the
// test says so, a store that can fail.
#pragma once

#include <deque>
#include <optional>

#include "loop/live/live.h"
#include "loop/loop_rig.h"
#include "support/fault_steps.h"
#include "support/sqlite_faults.h"
#include "support/test_files.h"

namespace pawl::loop {

// The computer's clock, which somebody may set.
struct HandClock final : Clock {
  TimeMs now() const override { return at; }
  TimeMs at = 0;
};

struct LiveRig {
  // The market's clock stands at the close of the last of `history` bars, which are known already.
  explicit LiveRig(const Sets& set = {}, std::size_t history = 0, const std::string& more_recipe = {},
                   DurationMs heartbeat_ms = 0, std::optional<TimeMs> first_open = {})
      : recipe(make_recipe(set, more_recipe)),
        bars(bars_from(first_open)),
        board(recipe.line_ids()),
        time(clock, 30 * kDayMs, 0),
        live(recipe, board, hub, time, {.heartbeat_ms = heartbeat_ms, .tick_grace_ms = 0}) {
    clock.at = bars[0].open_time;
    open_store();
    attach();
    if (history > 0) {
      std::vector<PushedBar> past;
      for (std::size_t i = 0; i < history; ++i) past.push_back({0, bars[i], fmt::format("bars[{}]", i)});
      clock.at = bars[history - 1].close_time;
      const auto report = push(std::move(past));
      EXPECT_TRUE(report.has_value()) << report.error().message;
    }
  }

  static recipe::Recipe make_recipe(const Sets& set, const std::string& more) {
    auto loaded = recipe::load_recipe(kRigRecipe + more, "rig.yaml", {.set = set, .environment = {}});
    EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
    return std::move(*loaded);
  }

  static BarSeries bars_from(std::optional<TimeMs> first_open) {
    market::SimulatedSettings settings;
    settings.bars = 2000;
    settings.seed = 3;
    if (first_open) settings.start = *first_open;
    return market::simulate(settings, 3).bars;
  }

  void open_store() {
    auto opened = store::open_sqlite(
        {.file = folder / "pawl.db", .vfs = faults.name(), .read_only = false, .group_rows = 100'000});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store = std::move(*opened);
    registry = std::make_unique<registry::Registry>(*store, files, folder.path());
  }
  // What a process does at its start, and again after its store has failed.
  void attach() {
    works.clear();
    sim = SimulatedClock();
    sim.advance_to(clock.at);
    auto made = Loop::open(
        recipe,
        {.store = *store,
         .registry = *registry,
         .executor = executor,
         .clock = sim,
         .log = log,
         .background = [this](int priority,
                              std::function<void()> work) { works.push_back({priority, std::move(work)}); }},
        decisions, [this](const Event& event) {
          events.push_back(event);
          live.observe(event);
        });
    ASSERT_TRUE(made.has_value()) << made.error().message;
    loop = std::move(*made);
    ASSERT_TRUE(loop->restore({}).has_value());
    ASSERT_TRUE(loop->mark_interrupted(loop->now()).has_value());
    live.attach(*loop, *store, *registry);
  }
  void rebuild() {
    live.detach();
    loop.reset();
    registry.reset();
    store.reset();
    open_store();
    attach();
  }

  // Posts it, takes one step, and gives what it said where the step made it durable.
  Result<PushReport> push(std::vector<PushedBar> pushed, const PushOptions& options = {}) {
    std::optional<Result<PushReport>> found;
    int settled = 0;
    Status durable;
    live.post({.run = [&](Live& l) { found = l.push_bars(pushed, options); },
               .settled =
                   [&](const Status& status) {
                     ++settled;
                     durable = status;
                   }});
    static_cast<void>(live.step());
    EXPECT_EQ(settled, 1);
    if (!durable) return propagate(durable);
    return std::move(*found);
  }
  Result<PushReport> push(const Bar& bar, const PushOptions& options = {}) {
    return push({{0, bar, "bars[0]"}}, options);
  }
  // Does what waits for the trainer, all of it.
  void train() {
    while (!works.empty()) {
      auto work = std::move(works.front());
      works.pop_front();
      work.second();
      static_cast<void>(live.step());
    }
  }
  std::size_t count(std::string_view kind) const {
    std::size_t found = 0;
    for (const Event& event : events) found += event.kind == kind ? 1 : 0;
    return found;
  }

  test::TempFolder folder;
  test::FaultSteps steps;
  test::SqliteFaults faults{fmt::format("live_rig_{}", folder.path().filename().string()), steps};
  recipe::Recipe recipe;
  BarSeries bars;
  RealFileSystem files;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<registry::Registry> registry;
  test::FailingExecutor executor{training::make_inline_executor(files, {}, 0, 1)};
  SimulatedClock sim;
  Log log = Log::silent();
  DecisionLog decisions{true};
  std::vector<Event> events;
  std::deque<std::pair<int, std::function<void()>>> works;
  HandClock clock;
  serving::Board board;
  EventHub hub;
  WallTime time;
  Live live;
  std::unique_ptr<Loop> loop;
};

}  // namespace pawl::loop
