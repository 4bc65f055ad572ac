// Twelve policies over the same two years beside one of them: what a comparison costs without its trainings.
#include <filesystem>

#include "material.h"
#include "studies/compare_spec.h"
#include "studies/comparison.h"
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
      {"one policy", [&] { return lead({policies->front()}, series, one); }},
      {"twelve policies", [&] { return lead(*policies, series, twelve); }}};
  auto rounds = bench.take_turns("compare", contestants);
  if (!rounds) return propagate(rounds);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < (*rounds)[0].size(); ++i) {
    ratios.push_back((*rounds)[1][i] / (*rounds)[0][i]);
  }
  const std::string prefix = file ? "" : "simulated_";
  const std::string what = fmt::format(
      "processor time without trainings, {} bars of {}, the {} policies of config/compare/crypto.yaml beside "
      "the "
      "first of them; {} trainings asked for, {} done",
      short_number(static_cast<double>(bars->size())), file ? "BTC/USDT H1 2022-2023" : "a simulated market",
      policies->size(), twelve.asked, twelve.done);
  bench.add(prefix + "compare_twelve_over_one_ratio", "ratio", what, ratios);
  bench.add(prefix + "compare_twelve_s", "s",
            "twelve policies: processor seconds without trainings, features and labels included",
            (*rounds)[1]);
  return {};
}

}  // namespace pawl::bench
