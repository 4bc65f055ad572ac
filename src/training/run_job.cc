// The trainer: everything it reads is in the job, everything it makes is in the result.
#include <algorithm>
#include <cassert>
#include <numeric>

#include "datasets/scoring_columns.h"
#include "judging/splits.h"
#include "models/model_kind.h"
#include "training/job.h"

namespace pawl::training {

namespace {

constexpr std::size_t kSelfTestVectors = 16;

// Settings travel as JSON, which is YAML too: one reader, one validation.
Result<Settings> settings_from_json(const Schema& schema, const Json& json, std::string_view path) {
  Result<ConfigNode> node = parse_yaml(json.dump(), "job.json");
  if (!node) return propagate(node);
  return Settings::read(schema, *node, path);
}

// All symbols' usable rows in time order, with what scoring needs of each.
struct Rows {
  std::vector<std::string> columns;
  std::vector<double> values;
  std::vector<int> classes;
  std::vector<judging::RowTimes> times;
  // Which dataset and row each came from.
  struct Origin {
    std::size_t series, row;
  };
  std::vector<Origin> origins;
  std::vector<datasets::Dataset> datasets;

  std::size_t size() const { return classes.size(); }
  RowRange range(std::span<const std::size_t> rows) const {
    if (rows.empty()) return {};
    return {times[rows.front()].known_at, times[rows.back()].known_at,
            static_cast<std::int64_t>(rows.size())};
  }
};

struct Prepared {
  std::unique_ptr<labels::Labeller> labeller;
  MarketCalendar calendar = MarketCalendar::utc_always();
  Rows rows;
};

Result<datasets::FeatureHistory> follow(const std::vector<std::string>& specs, const Job& job,
                                        const MarketCalendar& calendar, const JobSeries& series,
                                        const std::string& state) {
  Result<features::FeatureList> list = features::FeatureList::parse(specs, job.base, calendar);
  if (!list) return propagate(list);
  Result<datasets::FeatureHistory> history = datasets::FeatureHistory::resume(std::move(*list), state, 4096);
  if (!history) return history;
  history->follow(series.bars);
  return history;
}

Result<datasets::Dataset> dataset_of(const Job& job, const MarketCalendar& calendar,
                                     const labels::Labeller& labeller, const JobSeries& series) {
  auto features = follow(job.features, job, calendar, series, series.feature_state);
  if (!features) return propagate(features);
  const BarSeries& bars = series.bars;
  std::size_t first = 0;
  while (first < bars.size() && bars.close_time(first) <= series.rows_from) ++first;
  if (!labeller.scale_spec()) {
    return datasets::assemble(*features, labeller, nullptr, bars, first, bars.size(), job.cut);
  }
  auto scale = follow({*labeller.scale_spec()}, job, calendar, series, series.scale_state);
  if (!scale) return propagate(scale);
  return datasets::assemble(*features, labeller, &*scale, bars, first, bars.size(), job.cut);
}

Result<Prepared> prepare(const Job& job) {
  Prepared prepared;
  auto calendar = MarketCalendar::make(job.day_anchor, job.session);
  if (!calendar) return propagate(calendar);
  prepared.calendar = *calendar;
  const labels::LabellerKind* kind = labels::find_labeller_kind(job.label_kind);
  if (kind == nullptr)
    return fail(ErrorCode::bad_config, "label kind `{}` is not known here", job.label_kind);
  auto settings = settings_from_json(kind->schema, job.label_settings, "label");
  if (!settings) return propagate(settings);
  auto labeller = kind->make(*settings, {job.costs, *calendar});
  if (!labeller) return propagate(labeller);
  prepared.labeller = std::move(*labeller);

  Rows& rows = prepared.rows;
  for (const JobSeries& series : job.series) {
    auto dataset = dataset_of(job, *calendar, *prepared.labeller, series);
    if (!dataset) return within(series.symbol, dataset.error());
    for (const std::size_t row : datasets::usable_rows(*dataset)) {
      rows.origins.push_back({rows.datasets.size(), row});
    }
    rows.datasets.push_back(std::move(*dataset));
  }
  const auto known_at = [&rows](const Rows::Origin& o) {
    return rows.datasets[o.series].frame.known_at[o.row];
  };
  std::stable_sort(rows.origins.begin(), rows.origins.end(),
                   [&](const auto& a, const auto& b) { return known_at(a) < known_at(b); });
  for (const Rows::Origin& origin : rows.origins) {
    const datasets::Dataset& dataset = rows.datasets[origin.series];
    const std::span<const double> values = dataset.frame.row(origin.row);
    rows.values.insert(rows.values.end(), values.begin(), values.end());
    rows.classes.push_back(dataset.labels[origin.row].cls);
    rows.times.push_back({dataset.frame.known_at[origin.row], dataset.labels[origin.row].known_at});
  }
  if (!rows.datasets.empty()) rows.columns = rows.datasets.front().frame.names;
  return prepared;
}

models::TrainRequest request_of(const Job& job, const Rows& rows, const labels::Labeller& labeller,
                                int threads) {
  models::TrainRequest request;
  request.rows = {rows.values, rows.size(), rows.columns.size()};
  request.labels = rows.classes;
  request.classes = labeller.classes();
  request.columns = rows.columns;
  request.seed = job.seed;
  request.threads = threads;
  request.frozen_rounds = job.frozen_rounds;
  return request;
}

struct Subset {
  std::vector<double> values;
  std::vector<int> classes;
};

Subset subset_of(const Rows& rows, std::span<const std::size_t> chosen) {
  Subset subset;
  const std::size_t width = rows.columns.size();
  subset.values.reserve(chosen.size() * width);
  for (const std::size_t row : chosen) {
    const auto from = rows.values.begin() + static_cast<std::ptrdiff_t>(row * width);
    subset.values.insert(subset.values.end(), from, from + static_cast<std::ptrdiff_t>(width));
    subset.classes.push_back(rows.classes[row]);
  }
  return subset;
}

// Scores of one model on test rows, symbol by symbol where the line is pooled; the first symbol's otherwise.
Scorecard score_fold(const Job& job, const Prepared& prepared, std::span<const std::size_t> test,
                     std::span<const double> probabilities, int classes) {
  const Rows& rows = prepared.rows;
  datasets::ScoringColumns columns;
  // Positions run within one symbol: rows of other symbols between two of its own do not end them.
  std::vector<double> ordered;
  const auto width = static_cast<std::size_t>(classes);
  for (std::size_t series = 0; series < rows.datasets.size(); ++series) {
    std::vector<std::size_t> own;
    for (std::size_t i = 0; i < test.size(); ++i) {
      if (rows.origins[test[i]].series != series) continue;
      own.push_back(rows.origins[test[i]].row);
      const std::span<const double> p = probabilities.subspan(i * width, width);
      ordered.insert(ordered.end(), p.begin(), p.end());
    }
    const datasets::ScoringColumns one =
        datasets::scoring_columns(rows.datasets[series], own, job.series[series].bars, prepared.calendar);
    columns.labels.insert(columns.labels.end(), one.labels.begin(), one.labels.end());
    columns.known_at.insert(columns.known_at.end(), one.known_at.begin(), one.known_at.end());
    columns.next_open.insert(columns.next_open.end(), one.next_open.begin(), one.next_open.end());
    columns.next_next_open.insert(columns.next_next_open.end(), one.next_next_open.begin(),
                                  one.next_next_open.end());
    columns.contiguous.insert(columns.contiguous.end(), one.contiguous.begin(), one.contiguous.end());
  }
  const judging::ScoringRules rules{.costs = job.costs,
                                    .horizon_bars = prepared.labeller->horizon_bars(),
                                    .bars_per_year = job.bars_per_year};
  return datasets::score_rows(ordered, classes, columns, job.signal, rules);
}

Result<std::vector<FoldReport>> walk_forward(const Job& job, const Prepared& prepared,
                                             const models::ModelKind& kind, const Settings& settings,
                                             int threads, const ProgressSink& progress) {
  std::vector<FoldReport> reports;
  if (job.walk_forward_folds <= 0) return reports;
  const Rows& rows = prepared.rows;
  const auto folds = judging::walk_forward(rows.times, static_cast<std::size_t>(job.walk_forward_folds),
                                           judging::WalkForward::anchored, job.embargo_ms);
  if (folds.empty()) {
    return fail(ErrorCode::insufficient_data,
                "{} usable rows are too few for {} walk-forward folds; ask for fewer folds or give more bars",
                rows.size(), job.walk_forward_folds);
  }
  for (const judging::Fold& fold : folds) {
    const Subset train = subset_of(rows, fold.train), test = subset_of(rows, fold.test);
    models::TrainRequest request = request_of(job, rows, *prepared.labeller, threads);
    request.rows = {train.values, train.classes.size(), rows.columns.size()};
    request.labels = train.classes;
    Result<models::Trained> trained = kind.train(settings, request);
    if (!trained) return propagate(trained);
    auto model = kind.load(trained->bytes);
    if (!model) return propagate(model);
    std::vector<double> probabilities(fold.test.size() * static_cast<std::size_t>((*model)->classes()));
    (*model)->predict({test.values, fold.test.size(), rows.columns.size()}, probabilities);
    reports.push_back({rows.range(fold.train), rows.range(fold.test),
                       score_fold(job, prepared, fold.test, probabilities, (*model)->classes())});
    if (progress) progress({reports.size(), folds.size(), "walk-forward fold"});
  }
  return reports;
}

// Rows spread evenly over the training set, first and last included, with the answers of the loaded bytes.
std::vector<SelfTestVector> self_test_of(const models::Model& model, const Rows& rows) {
  std::vector<SelfTestVector> vectors;
  const std::size_t width = rows.columns.size(), count = std::min(kSelfTestVectors, rows.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = count == 1 ? 0 : i * (rows.size() - 1) / (count - 1);
    SelfTestVector vector;
    vector.row.assign(rows.values.begin() + static_cast<std::ptrdiff_t>(row * width),
                      rows.values.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
    vector.probabilities.resize(static_cast<std::size_t>(model.classes()));
    model.predict({vector.row, 1, width}, vector.probabilities);
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

}  // namespace

Result<JobResult> run_job(const Job& job, int threads, const ProgressSink& progress) {
  const models::ModelKind* kind = models::find_model_kind(job.model_kind);
  if (kind == nullptr)
    return fail(ErrorCode::bad_config, "model kind `{}` is not known here", job.model_kind);
  Result<Settings> settings = settings_from_json(kind->schema, job.model_settings, "model");
  if (!settings) return propagate(settings);
  Result<Prepared> prepared = prepare(job);
  if (!prepared) return propagate(prepared);
  const Rows& rows = prepared->rows;
  if (rows.size() == 0) {
    return fail(ErrorCode::insufficient_data,
                "{}: no row before {} has all its features and a known label; give more bars", job.line,
                format_time(job.cut));
  }

  JobResult result;
  auto folds = walk_forward(job, *prepared, *kind, *settings, threads, progress);
  if (!folds) return propagate(folds);
  result.folds = std::move(*folds);

  models::TrainRequest request = request_of(job, rows, *prepared->labeller, threads);
  request.progress = progress;
  Result<models::Trained> trained = kind->train(*settings, request);
  if (!trained) return within(job.line, trained.error());
  // Loaded from its bytes before anything is asked of it: the vectors are the answers of what will be read
  // back, not of the object that happened to be in memory.
  auto model = kind->load(trained->bytes);
  if (!model) return within(job.line, model.error());

  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  result.rounds = trained->rounds;
  result.report = std::move(trained->report);
  result.artifact = {.model_kind = job.model_kind,
                     .model_bytes = std::move(trained->bytes),
                     .self_test = self_test_of(**model, rows),
                     .trained_on = rows.range(all),
                     .data_cut = job.cut};
  return result;
}

}  // namespace pawl::training
