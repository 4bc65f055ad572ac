// Twelve policies over the same two years beside one of them: what a comparison costs without its trainings.
#include <filesystem>

#include "app/context.h"
#include "loop/replay.h"
#include "material.h"
#include "studies/compare_spec.h"
#include "studies/comparison.h"
#include "studies/thread_time.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

struct Led {
  std::int64_t asked = 0, done = 0;
};

// Processor seconds of a comparison but for its trainings: features, labels, and every policy's walk.
Result<double> lead(const std::vector<studies::Policy>& policies, const std::vector<BarSeries>& series,
                    Led& led) {
  auto arena = studies::Arena::open(policies, series, {.threads = 1});
  if (!arena) return propagate(arena);
  if (Status run = (*arena)->run({}); !run) return propagate(run);
  const studies::Arena::Costs costs = (*arena)->costs();
  led = {costs.trainings.asked, costs.trainings.done};
  return costs.ready_seconds + costs.walk_seconds;
}

Result<std::vector<studies::Policy>> shipped_policies() {
  const std::string file = (Path(PAWL_SOURCE_DIR) / "config/compare/crypto.yaml").string();
  auto text = RealFileSystem().read(file);
  if (!text) return propagate(text);
  const auto spec = studies::read_compare_spec(*text, file);
  if (!spec) return propagate(spec);
  std::vector<studies::Policy> policies;
  for (const studies::PolicySpec& one : spec->policies) {
    auto recipe = shipped_recipe(one.set);
    if (!recipe) return propagate(recipe);
    policies.push_back({one.name, std::move(*recipe)});
  }
  return policies;
}

// Trains inline, and knows the processor seconds that it took.
class TimedExecutor final : public training::Executor {
 public:
  explicit TimedExecutor(std::unique_ptr<training::Executor> real) : real_(std::move(real)) {}
  Result<training::JobResult> run(const training::Job& job, const ProgressSink& progress) override {
    const double begun = studies::thread_cpu_seconds();
    Result<training::JobResult> result = real_->run(job, progress);
    seconds_ += studies::thread_cpu_seconds() - begun;
    return result;
  }
  double seconds() const { return seconds_; }

 private:
  std::unique_ptr<training::Executor> real_;
  double seconds_ = 0;
};

// The same of a plain replay of one recipe, its store in memory.
Result<double> replay_alone(const recipe::Recipe& recipe, const std::vector<BarSeries>& series) {
  auto data = app::DataFolder::in_memory();
  if (!data) return propagate(data);
  SimulatedClock clock(series.front().open_time(0));
  const Log log = Log::silent();
  loop::DecisionLog decisions(false);
  TimedExecutor executor(training::make_inline_executor((*data)->files(), {}, 0, 1));
  auto loop =
      loop::Loop::open(recipe, {(*data)->store(), (*data)->registry(), executor, clock, log}, decisions, {});
  if (!loop) return propagate(loop);
  auto seconds = cpu_seconds_of([&] { return loop::replay(**loop, series, {}); });
  if (!seconds) return seconds;
  return *seconds - executor.seconds();
}

}  // namespace

Status bench_compare(Bench& bench) {
  const auto file = shared_file("crypto/BTCUSDT_1h.csv.gz");
  if (!file) bench.skip("compare_twelve_over_one_ratio of recorded years", kNoSharedData);
  auto bars = file ? recorded_bars(*file, "BTC/USDT", kH1, MarketCalendar::utc_always())
                   : Result<BarSeries>(simulated_bars(kH1, 17'520));
  if (!bars) return propagate(bars);
  if (file) {
    const auto from = parse_time("2022-01-01"), to = parse_time("2024-01-01");
    if (!from || !to) return propagate(from ? to : from);
    *bars = bars->slice(bars->count_opened_before(*from), bars->count_opened_before(*to));
  }
  if (bench.options().quick) *bars = bars->slice(0, std::min<std::size_t>(bars->size(), 8'000));
  const auto policies = shipped_policies();
  if (!policies) return propagate(policies);

  const std::vector<BarSeries> series = {*bars};
  Led one, twelve;
  const std::vector<Contestant> contestants = {
      {"one replay", [&] { return replay_alone(policies->front().recipe, series); }},
      {"one policy", [&] { return lead({policies->front()}, series, one); }},
      {"twelve policies", [&] { return lead(*policies, series, twelve); }}};
  auto rounds = bench.take_turns("compare", contestants);
  if (!rounds) return propagate(rounds);
  const auto ratio = [&](std::size_t below) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < (*rounds)[2].size(); ++i) {
      ratios.push_back((*rounds)[2][i] / (*rounds)[below][i]);
    }
    return ratios;
  };
  const std::string prefix = file ? "" : "simulated_";
  const std::string what = fmt::format(
      "processor time without trainings, {} bars of {}, the {} policies of config/compare/crypto.yaml; {} "
      "trainings asked for, {} done",
      short_number(static_cast<double>(bars->size())), file ? "BTC/USDT H1 2022-2023" : "a simulated market",
      policies->size(), twelve.asked, twelve.done);
  bench.add(prefix + "compare_twelve_over_replay_ratio", "ratio",
            what + ": all of them beside a plain replay of the first", ratio(0));
  bench.add(prefix + "compare_twelve_over_one_ratio", "ratio",
            what +
                ": all of them beside a comparison of the first alone; what is left is the answers of each "
                "distinct model in its contests",
            ratio(1));
  return {};
}

}  // namespace pawl::bench
