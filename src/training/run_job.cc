// The trainer: everything it reads is in the job, everything it makes is in the result.
#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/random.h"
#include "datasets/scoring_columns.h"
#include "judging/splits.h"
#include "models/model_kind.h"
#include "training/prepared.h"

namespace pawl::training {

namespace {

constexpr std::size_t kSelfTestVectors = 16;

models::TrainRequest request_of(const Job& job, const Prepared& prepared, int threads) {
  const Rows& rows = prepared.rows;
  models::TrainRequest request;
  request.rows = {rows.values, rows.size(), rows.columns.size()};
  request.labels = rows.classes;
  request.classes = prepared.classes;
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

// Scores of one model on test rows: of the line's symbol, or of a pooled line's symbols date by date.
Scorecard score_fold(const Job& job, const Prepared& prepared, std::span<const std::size_t> test,
                     std::span<const double> probabilities, int classes) {
  if (job.rows) return datasets::score_trades(probabilities, prepared.ready, test, job.signal);
  const Rows& rows = prepared.rows;
  const auto width = static_cast<std::size_t>(classes);
  std::vector<datasets::AnsweredRows> symbols;
  // Positions run within one symbol: rows of other symbols between two of its own do not end them.
  std::vector<std::vector<std::size_t>> own(rows.datasets.size());
  std::vector<std::vector<double>> answers(rows.datasets.size());
  for (std::size_t i = 0; i < test.size(); ++i) {
    const Rows::Origin& origin = rows.origins[test[i]];
    own[origin.series].push_back(origin.row);
    const std::span<const double> p = probabilities.subspan(i * width, width);
    answers[origin.series].insert(answers[origin.series].end(), p.begin(), p.end());
  }
  for (std::size_t series = 0; series < own.size(); ++series) {
    if (own[series].empty() && job.pooled) continue;
    symbols.push_back(
        {std::move(answers[series]), datasets::scoring_columns(rows.datasets[series], own[series],
                                                               job.series[series].bars, prepared.calendar)});
  }
  const judging::ScoringRules rules{.costs = job.costs,
                                    .horizon_bars = prepared.labeller->horizon_bars(),
                                    .bars_per_year = job.bars_per_year};
  if (job.pooled) return datasets::score_pooled(symbols, classes, job.signal, rules);
  return datasets::score_rows(symbols.front().probabilities, classes, symbols.front().columns, job.signal,
                              rules);
}

// One fold: trained on its training rows with the given settings, scored on its test rows.
Result<FoldReport> run_fold(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                            const Settings& settings, const judging::Fold& fold, int threads) {
  const Rows& rows = prepared.rows;
  const Subset train = subset_of(rows, fold.train), test = subset_of(rows, fold.test);
  models::TrainRequest request = request_of(job, prepared, threads);
  request.rows = {train.values, train.classes.size(), rows.columns.size()};
  request.labels = train.classes;
  Result<models::Trained> trained = kind.train(settings, request);
  if (!trained) return propagate(trained);
  auto model = kind.load(trained->bytes);
  if (!model) return propagate(model);
  std::vector<double> probabilities(fold.test.size() * static_cast<std::size_t>((*model)->classes()));
  (*model)->predict({test.values, fold.test.size(), rows.columns.size()}, probabilities);
  return FoldReport{rows.range(fold.train), rows.range(fold.test),
                    score_fold(job, prepared, fold.test, probabilities, (*model)->classes())};
}

Result<std::vector<judging::Fold>> folds_of(const Job& job, const Rows& rows, int count) {
  auto folds = judging::walk_forward(rows.times, static_cast<std::size_t>(count),
                                     judging::WalkForward::anchored, job.embargo_ms);
  if (folds.empty()) {
    return fail(ErrorCode::insufficient_data,
                "{} usable rows are too few for {} walk-forward folds; ask for fewer folds or give more bars",
                rows.size(), count);
  }
  return folds;
}

Result<std::vector<FoldReport>> walk_forward(const Job& job, const Prepared& prepared,
                                             const models::ModelKind& kind, const Settings& settings,
                                             int threads, const ProgressSink& progress) {
  std::vector<FoldReport> reports;
  if (job.walk_forward_folds <= 0) return reports;
  auto folds = folds_of(job, prepared.rows, job.walk_forward_folds);
  if (!folds) return propagate(folds);
  for (const judging::Fold& fold : *folds) {
    auto report = run_fold(job, prepared, kind, settings, fold, threads);
    if (!report) return propagate(report);
    reports.push_back(std::move(*report));
    if (progress) progress({reports.size(), folds->size(), "walk-forward fold"});
  }
  return reports;
}

// What a search chose, with every trial that it made.
struct Found {
  Json settings;
  Json trials = Json::array();
};

// Trial 0 is the job's own settings, so that a search never ends below what it began with; the others are
// drawn from the space by the job's seed. A trial is worth the mean log-loss of the newest folds: training
// rows before test rows, all of them before the judged window.
Result<Found> search(const Job& job, const Prepared& prepared, const models::ModelKind& kind, int threads,
                     const ProgressSink& progress) {
  constexpr int kFoldsBelow = 2;  // older test blocks, which only give the newest ones rows to train on
  auto folds = folds_of(job, prepared.rows, job.search.folds + kFoldsBelow);
  if (!folds) return propagate(folds);
  Random random(derive_seed(job.seed, 0x5ea7c4));
  Found found{.settings = job.model_settings};
  double best = 0;
  for (int trial = 0; trial < job.search.trials; ++trial) {
    Json tried = job.model_settings;
    for (const auto& [name, values] : job.search.space) {
      const std::size_t pick = random.below(values.size());
      if (trial > 0) tried[name] = parse_json(values[pick]).value_or(Json(values[pick]));
    }
    auto settings = settings_from_json(kind.schema, tried, "search.space");
    if (!settings) return propagate(settings);
    double loss = 0;
    for (std::size_t i = folds->size() - static_cast<std::size_t>(job.search.folds); i < folds->size(); ++i) {
      auto report = run_fold(job, prepared, kind, *settings, (*folds)[i], threads);
      if (!report) return propagate(report);
      loss += report->scores.get("log_loss").value_or(0) / job.search.folds;
    }
    found.trials.push_back({{"settings", tried}, {"log_loss", loss}});
    if (trial == 0 || loss < best) {
      best = loss;
      found.settings = std::move(tried);
    }
    if (progress) {
      progress(
          {static_cast<std::uint64_t>(trial + 1), static_cast<std::uint64_t>(job.search.trials), "trial"});
    }
  }
  return found;
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
  Result<Prepared> prepared = prepare(job);
  if (!prepared) return propagate(prepared);
  const Rows& rows = prepared->rows;
  if (rows.size() == 0) {
    return fail(ErrorCode::insufficient_data,
                "{}: no row before {} has all its features and a known label; give more bars", job.line,
                format_time(job.cut));
  }

  JobResult result;
  result.model_settings = job.model_settings;
  Json trials;
  if (job.search.trials > 0) {
    auto found = search(job, *prepared, *kind, threads, progress);
    if (!found) return propagate(found);
    result.model_settings = std::move(found->settings);
    trials = std::move(found->trials);
  }
  Result<Settings> settings = settings_from_json(kind->schema, result.model_settings, "model");
  if (!settings) return propagate(settings);
  auto folds = walk_forward(job, *prepared, *kind, *settings, threads, progress);
  if (!folds) return propagate(folds);
  result.folds = std::move(*folds);

  models::TrainRequest request = request_of(job, *prepared, threads);
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
  if (!trials.is_null()) result.report["search"] = std::move(trials);
  result.artifact = {.model_kind = job.model_kind,
                     .model_bytes = std::move(trained->bytes),
                     .self_test = self_test_of(**model, rows),
                     .trained_on = rows.range(all),
                     .data_cut = job.cut};
  return result;
}

}  // namespace pawl::training
