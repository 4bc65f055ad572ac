// The trainer: everything it reads is in the job, everything it makes is in the result.
#include <algorithm>
#include <cassert>
#include <mutex>
#include <numeric>

#include "base/parallel.h"
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
                            const Settings& settings, const judging::Fold& fold, int threads,
                            const ProgressSink& progress) {
  const Rows& rows = prepared.rows;
  const Subset train = subset_of(rows, fold.train), test = subset_of(rows, fold.test);
  models::TrainRequest request = request_of(job, prepared, threads);
  request.rows = {train.values, train.classes.size(), rows.columns.size()};
  request.labels = train.classes;
  request.progress = progress;
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

// A fold to run with these settings; both outlive the run.
struct FoldTask {
  const Settings* settings;
  const judging::Fold* fold;
};

// All of them, each on a thread of its own as far as there are any, in the order given. Progress counts
// groups of `per_step` tasks, and is told at every round of every one: a long fold is not taken for a hung
// one.
Result<std::vector<FoldReport>> run_folds(const Job& job, const Prepared& prepared,
                                          const models::ModelKind& kind, std::span<const FoldTask> tasks,
                                          std::size_t per_step, int threads, const ProgressSink& progress) {
  const int at_once = std::min(std::max(threads, 1), static_cast<int>(tasks.size()));
  const int each = std::max(1, threads / std::max(1, at_once));
  std::vector<Result<FoldReport>> results(tasks.size(), fail(ErrorCode::internal, "the fold was not run"));
  std::mutex telling;
  std::size_t done = 0;
  const auto tell = [&](ProgressUpdate update) {
    update.done = done / per_step;
    update.total = tasks.size() / per_step;
    progress(update);
  };
  run_parallel(tasks.size(), at_once, [&](std::size_t i) {
    const auto within_fold = [&](const ProgressUpdate& update) {
      const std::lock_guard lock(telling);
      tell({0, 0, update.note});
    };
    results[i] = run_fold(job, prepared, kind, *tasks[i].settings, *tasks[i].fold, each,
                          progress ? ProgressSink(within_fold) : ProgressSink());
    const std::lock_guard lock(telling);
    ++done;
    if (!progress) return;
    const auto accuracy = results[i] ? results[i]->scores.get("accuracy") : std::nullopt;
    tell({.metric = accuracy ? "val_accuracy" : "", .value = accuracy.value_or(0)});
  });
  std::vector<FoldReport> reports;
  for (Result<FoldReport>& result : results) {
    if (!result) return propagate(result);
    reports.push_back(std::move(*result));
  }
  return reports;
}

// The same sink, told which stage it hears of.
ProgressSink of_stage(const ProgressSink& progress, std::string_view stage) {
  if (!progress) return {};
  return [&progress, stage](ProgressUpdate update) {
    update.stage = stage;
    progress(update);
  };
}

Result<std::vector<FoldReport>> walk_forward(const Job& job, const Prepared& prepared,
                                             const models::ModelKind& kind, const Settings& settings,
                                             int threads, const ProgressSink& progress) {
  if (job.walk_forward_folds <= 0) return std::vector<FoldReport>{};
  auto folds = folds_of(job, prepared.rows, job.walk_forward_folds);
  if (!folds) return propagate(folds);
  std::vector<FoldTask> tasks;
  for (const judging::Fold& fold : *folds) tasks.push_back({&settings, &fold});
  return run_folds(job, prepared, kind, tasks, 1, threads, of_stage(progress, "walk_forward"));
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
  const auto trials = static_cast<std::size_t>(job.search.trials);
  const auto scored = static_cast<std::size_t>(job.search.folds);
  std::vector<Json> tried(trials, job.model_settings);
  std::vector<Settings> settings;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (const auto& [name, values] : job.search.space) {
      const std::size_t pick = random.below(values.size());
      if (trial > 0) tried[trial][name] = parse_json(values[pick]).value_or(Json(values[pick]));
    }
    auto read = settings_from_json(kind.schema, tried[trial], "search.space");
    if (!read) return propagate(read);
    settings.push_back(std::move(*read));
  }
  std::vector<FoldTask> tasks;
  for (const Settings& one : settings) {
    for (std::size_t i = folds->size() - scored; i < folds->size(); ++i)
      tasks.push_back({&one, &(*folds)[i]});
  }
  auto reports = run_folds(job, prepared, kind, tasks, scored, threads, of_stage(progress, "search"));
  if (!reports) return propagate(reports);

  Found found{.settings = job.model_settings};
  double best = 0;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    double loss = 0;
    for (std::size_t i = 0; i < scored; ++i) {
      loss += (*reports)[trial * scored + i].scores.get("log_loss").value_or(0) / job.search.folds;
    }
    found.trials.push_back({{"settings", tried[trial]}, {"log_loss", loss}});
    if (trial == 0 || loss < best) {
      best = loss;
      found.settings = std::move(tried[trial]);
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
  if (progress) progress({.note = "features and labels", .stage = "prepare"});
  Result<Prepared> prepared = prepare(job, threads);
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
  request.progress = of_stage(progress, "fit");
  Result<models::Trained> trained = kind->train(*settings, request);
  if (!trained) return within(job.line, trained.error());
  // Loaded from its bytes before anything is asked of it: the vectors are the answers of what will be read
  // back, not of the object that happened to be in memory.
  auto model = kind->load(trained->bytes);
  if (!model) return within(job.line, model.error());

  auto importance = kind->importance(trained->bytes);
  if (!importance) return within(job.line, importance.error());

  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  result.rounds = trained->rounds;
  result.report = std::move(trained->report);
  if (!trials.is_null()) result.report["search"] = std::move(trials);
  result.artifact = {.model_kind = job.model_kind,
                     .model_bytes = std::move(trained->bytes),
                     .self_test = self_test_of(**model, rows),
                     .trained_on = rows.range(all),
                     .data_cut = job.cut,
                     .importance = models::to_json(*importance)};
  return result;
}

}  // namespace pawl::training
