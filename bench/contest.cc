// Champion against challenger on the recipe's judged window, beside the predictions that it cannot do
// without.
#include "contest/contest.h"

#include "datasets/history.h"
#include "material.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

constexpr std::size_t kFitBars = 2'880, kJudgedBars = 1'440, kWarmUpBars = 240;
constexpr int kTimes = 10;

Result<std::unique_ptr<models::Model>> model_of(const training::Job& job, std::string& bytes) {
  auto result = training::run_job(job, 1, {});
  if (!result) return propagate(result);
  bytes = std::move(result->artifact.model_bytes);
  return models::find_model_kind(job.model_kind)->load(bytes);
}

}  // namespace

Status bench_contest(Bench& bench) {
  auto recipe = shipped_recipe();
  if (!recipe) return propagate(recipe);
  const BarSeries bars = simulated_bars(recipe->base, kWarmUpBars + kFitBars + kJudgedBars);
  training::Job job = job_of(*recipe, bars.slice(0, kWarmUpBars + kFitBars));
  std::string bytes;
  auto champion = model_of(job, bytes);
  if (!champion) return propagate(champion);
  job.seed += 1;
  auto challenger = model_of(job, bytes);
  if (!challenger) return propagate(challenger);

  auto list = features::FeatureList::parse(recipe->features, recipe->base, recipe->calendar);
  if (!list) return propagate(list);
  datasets::FeatureHistory history(*list);
  history.follow(bars);
  const labels::LabellerKind* label_kind = labels::find_labeller_kind(recipe->label.kind);
  auto labeller = label_kind->make(recipe->label.settings, {recipe->costs, recipe->calendar});
  if (!labeller) return propagate(labeller);
  const contest::ContestRequest request{
      .line = job.line,
      .symbol = "BTC/USDT",
      .champion = {{1}, champion->get(), job.cut},
      .challenger = {{2}, challenger->get(), job.cut},
      .grounds = {{.bars = &bars, .champion_features = &history, .challenger_features = &history}},
      .labeller = labeller->get(),
      .calendar = &recipe->calendar,
      .judged_from = job.cut,
      .as_of = bars.back().close_time,
      .signal = recipe->signal,
      .scoring = {.costs = recipe->costs,
                  .horizon_bars = (*labeller)->horizon_bars(),
                  .bars_per_year = recipe->bars_per_year}};

  const FeatureFrame frame = history.rows(bars, bars.size() - kJudgedBars, bars.size());
  std::vector<double> probabilities(frame.rows() * 2);
  std::int64_t judged = 0;
  const std::vector<Contestant> contestants = {
      {"contest",
       [&] {
         return cpu_seconds_of([&]() -> Status {
           for (int i = 0; i < kTimes; ++i) {
             auto evidence = contest::hold_contest(request);
             if (!evidence) return propagate(evidence);
             judged = evidence->rows;
           }
           return {};
         });
       }},
      {"predictions alone", [&] {
         return cpu_seconds_of([&]() -> Status {
           for (int i = 0; i < kTimes; ++i) {
             for (const auto* model : {champion->get(), challenger->get()}) {
               model->predict({frame.values, frame.rows(), frame.columns()}, probabilities);
             }
           }
           return {};
         });
       }}};
  auto rounds = bench.take_turns("contest", contestants);
  if (!rounds) return propagate(rounds);
  bench.add(
      "contest_ms", "ms",
      fmt::format("two models of 200 trees judged on {} rows of {} features: rows, labels, predictions, all "
                  "scores of both",
                  short_number(static_cast<double>(judged)), frame.columns()),
      scaled((*rounds)[0], 1e3 / kTimes));
  bench.add("contest_predictions_floor_ms", "ms", "floor: the predictions of both models on ready-made rows",
            scaled((*rounds)[1], 1e3 / kTimes));
  return {};
}

}  // namespace pawl::bench
