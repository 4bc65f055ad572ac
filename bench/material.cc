#include "material.h"

#include <limits>

#include "datasets/history.h"
#include "judging/splits.h"
#include "market/sources/csv.h"
#include "market/sources/simulated.h"

namespace pawl::bench {

std::optional<Path> shared_file(std::string_view name) {
  const Path file = Path(PAWL_SOURCE_DIR).parent_path() / "shared" / "data" / name;
  if (!RealFileSystem().exists(file)) return std::nullopt;
  return file;
}

Result<BarSeries> recorded_bars(const Path& file, std::string_view symbol, Timeframe timeframe,
                                const MarketCalendar& calendar) {
  auto bytes = RealFileSystem().read(file);
  if (!bytes) return propagate(bytes);
  auto parsed = Symbol::parse(symbol);
  if (!parsed) return propagate(parsed);
  auto delivery = market::parse_csv(*bytes, file.filename().string(), {*parsed, timeframe, calendar},
                                    market::BadRows::error);
  if (!delivery) return propagate(delivery);
  return std::move(delivery->bars);
}

BarSeries simulated_bars(Timeframe timeframe, std::size_t count) {
  return market::simulate({.timeframe = timeframe,
                           .bars = static_cast<std::int64_t>(count),
                           .volatility_bp = 5,
                           .flip_every_bars = 3500,
                           .seed = 7},
                          3)
      .bars;
}

Result<recipe::Recipe> shipped_recipe(const std::vector<std::pair<std::string, std::string>>& set) {
  const Path file = Path(PAWL_SOURCE_DIR) / "config" / "crypto-live.yaml";
  return recipe::load_recipe_file(file.string(), {.set = set, .environment = {}});
}

training::Job job_of(const recipe::Recipe& recipe, const BarSeries& bars) {
  training::Job job;
  job.kind = training::JobKind::fit;
  job.run_id = 1;
  job.line = recipe.line_of(recipe.symbols.front());
  job.cut = bars.back().close_time;
  job.base = recipe.base;
  job.day_anchor = recipe.calendar.day_anchor();
  job.session = recipe.calendar.session();
  job.features = recipe.features;
  job.label_kind = recipe.label.kind;
  job.label_settings = recipe.label.settings.to_json();
  job.model_kind = recipe.model.kind;
  job.model_settings = recipe.model.settings.to_json();
  job.costs = recipe.costs;
  job.signal = recipe.signal;
  job.bars_per_year = recipe.bars_per_year;
  job.seed = recipe.seed;
  job.walk_forward_folds = static_cast<int>(recipe.validation.walk_forward_folds);
  job.embargo_ms = recipe.validation.embargo_bars * recipe.base.duration_ms();
  job.series.push_back({.symbol = recipe.symbols.front().canonical(),
                        .feature_state = {},
                        .scale_state = {},
                        .bars = bars,
                        .rows_from = std::numeric_limits<TimeMs>::min()});
  return job;
}

Result<TrainingRows> training_rows_of(const training::Job& job) {
  auto calendar = MarketCalendar::make(job.day_anchor, job.session);
  if (!calendar) return propagate(calendar);
  auto list = features::FeatureList::parse(job.features, job.base, *calendar);
  if (!list) return propagate(list);
  auto label_node = parse_yaml(job.label_settings.dump(), "job");
  if (!label_node) return propagate(label_node);
  const labels::LabellerKind* kind = labels::find_labeller_kind(job.label_kind);
  auto settings = Settings::read(kind->schema, *label_node, "label");
  if (!settings) return propagate(settings);
  auto labeller = kind->make(*settings, {job.costs, *calendar});
  if (!labeller) return propagate(labeller);

  const BarSeries& bars = job.series.front().bars;
  datasets::FeatureHistory history(*list, 4096);
  history.follow(bars);
  const datasets::Dataset dataset =
      datasets::assemble(history, **labeller, nullptr, bars, 0, bars.size(), job.cut);
  TrainingRows rows;
  rows.columns = dataset.frame.names;
  std::vector<judging::RowTimes> times;
  for (const std::size_t row : datasets::usable_rows(dataset)) {
    const std::span<const double> values = dataset.frame.row(row);
    rows.values.insert(rows.values.end(), values.begin(), values.end());
    rows.classes.push_back(dataset.labels[row].cls);
    times.push_back({dataset.frame.known_at[row], dataset.labels[row].known_at});
  }
  if (job.walk_forward_folds > 0) {
    for (judging::Fold& fold : judging::walk_forward(times, static_cast<std::size_t>(job.walk_forward_folds),
                                                     judging::WalkForward::anchored, job.embargo_ms)) {
      rows.fold_rows.push_back(std::move(fold.train));
    }
  }
  return rows;
}

}  // namespace pawl::bench
