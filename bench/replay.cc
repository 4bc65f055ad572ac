// A recorded year through the whole loop: bars into the store, features, predictions, outcomes, triggers, and
// every retrain that they call for.
#include "loop/replay.h"
#include "app/context.h"
#include "material.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

struct Played {
  std::int64_t runs = 0, predictions = 0;
};

// CPU seconds of the replay alone: the bars are in memory before it begins.
Result<double> play(const recipe::Recipe& recipe, const std::vector<BarSeries>& series, Played& played) {
  auto data = app::DataFolder::in_memory();
  if (!data) return propagate(data);
  SimulatedClock clock(series.front().open_time(0));
  const Log log = Log::silent();
  loop::DecisionLog decisions(false);
  const auto executor = training::make_inline_executor((*data)->files(), {}, 0, 1);
  auto loop =
      loop::Loop::open(recipe, {(*data)->store(), (*data)->registry(), *executor, clock, log}, decisions, {});
  if (!loop) return propagate(loop);
  auto seconds = cpu_seconds_of([&] { return loop::replay(**loop, series, {}); });
  if (!seconds) return seconds;
  played.runs = static_cast<std::int64_t>((*loop)->finished_runs().size());
  auto predictions = (*data)->store().predictions().count();
  if (!predictions) return propagate(predictions);
  played.predictions = *predictions;
  return seconds;
}

Status measure(Bench& bench, const BarSeries& bars, const std::string& prefix, const std::string& what) {
  // Recipe windows are made for H1: 180 days of M1 would be 259,200 rows a training. Three days of M1 have
  // the 4,320 rows that 180 days of H1 have.
  std::vector<std::pair<std::string, std::string>> set = {{"bars.base", "M1"},
                                                          {"bars.bars_per_year", "525960"},
                                                          {"validation.window_days", "3"},
                                                          {"validation.judged_days", "1"}};
  const auto trained = shipped_recipe(set);
  if (!trained) return propagate(trained);
  set.emplace_back("auto_training.enabled", "false");
  const auto untrained = shipped_recipe(set);
  if (!untrained) return propagate(untrained);

  const std::vector<BarSeries> series = {bars};
  Played with, without;
  const std::vector<Contestant> contestants = {
      {"without training", [&] { return play(*untrained, series, without); }},
      {"with training", [&] { return play(*trained, series, with); }}};
  auto rounds = bench.take_turns(prefix + "replay", contestants);
  if (!rounds) return propagate(rounds);
  const auto count = static_cast<double>(bars.size());
  const std::string how = fmt::format(
      "bars a CPU second through the loop of recipe crypto-live at M1, store in memory, "
      "one thread; {}, 28 features",
      what);
  bench.add(
      prefix + "replay_bars_per_s", "bars/s",
      fmt::format("{}; windows of 3 days (4,320 rows, as 180 days of H1 have), judged by the last day; {} "
                  "retrains of 200 trees, each with its contest",
                  how, with.runs),
      rate((*rounds)[1], count));
  bench.add(
      prefix + "replay_bars_per_s_without_training", "bars/s",
      fmt::format("{}; auto_training off: the rules baseline makes {} predictions, each with its outcome",
                  how, short_number(static_cast<double>(without.predictions))),
      rate((*rounds)[0], count));
  return {};
}

}  // namespace

Status bench_replay(Bench& bench) {
  const auto file = shared_file("crypto/BTCUSDT_1m_2023.csv.gz");
  if (!file) bench.skip("replay_bars_per_s of a recorded year", kNoSharedData);
  auto bars = file ? recorded_bars(*file, "BTC/USDT", kM1, MarketCalendar::utc_always())
                   : Result<BarSeries>(simulated_bars(kM1, 525'600));
  if (!bars) return propagate(bars);
  std::string what = file ? "BTC/USDT M1 2023" : "a simulated year of M1";
  if (bench.options().quick) {
    *bars = bars->slice(0, std::min<std::size_t>(bars->size(), 60'000));
    what += ", its beginning";
  }
  return measure(bench, *bars, file ? "" : "simulated_",
                 fmt::format("{}, {} bars", what, short_number(static_cast<double>(bars->size()))));
}

}  // namespace pawl::bench
