#include "training/folds.h"

#include <algorithm>
#include <mutex>

#include "base/parallel.h"
#include "datasets/scoring_columns.h"
#include "training/fit_rows.h"

namespace pawl::training {

namespace {

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

// Scored by its parts, with the labels that the rows have.
Result<std::vector<FoldReport>> run_fold(const Job& job, const Prepared& prepared,
                                         const models::ModelKind& kind, const FoldTask& task, int threads,
                                         const ProgressSink& progress) {
  const Rows& rows = prepared.rows;
  const std::span<const std::size_t> test = task.fold->test;
  auto fitted =
      fit_rows(job, prepared, kind, *task.settings, rows.classes, task.fold->train, threads, progress);
  if (!fitted) return propagate(fitted);
  auto answers = answers_of(kind, fitted->trained.bytes, fitted->calibration, rows, test);
  if (!answers) return propagate(answers);
  const std::size_t width = answers->size() / std::max<std::size_t>(test.size(), 1);
  std::vector<std::size_t> ends = task.part_ends;
  if (ends.empty()) ends.push_back(test.size());
  std::vector<FoldReport> reports;
  for (std::size_t first = 0; const std::size_t end : ends) {
    const auto part = test.subspan(first, end - first);
    const auto given = std::span<const double>(*answers).subspan(first * width, part.size() * width);
    reports.push_back({rows.range(task.fold->train), rows.range(part),
                       score_fold(job, prepared, part, given, static_cast<int>(width))});
    first = end;
  }
  return reports;
}

}  // namespace

Result<std::vector<std::vector<FoldReport>>> run_folds(const Job& job, const Prepared& prepared,
                                                       const models::ModelKind& kind,
                                                       std::span<const FoldTask> tasks, FoldCount count,
                                                       int threads, const ProgressSink& progress) {
  const int at_once = std::min(std::max(threads, 1), static_cast<int>(tasks.size()));
  const int each = std::max(1, threads / std::max(1, at_once));
  std::vector<Result<std::vector<FoldReport>>> results(tasks.size(),
                                                       fail(ErrorCode::internal, "the fold was not run"));
  std::mutex telling;
  std::size_t done = count.before;
  const auto tell = [&](ProgressUpdate update) {
    update.done = done;
    update.total = count.all;
    progress(update);
  };
  run_parallel(tasks.size(), at_once, [&](std::size_t i) {
    const auto within_fold = [&](const ProgressUpdate& update) {
      const std::lock_guard lock(telling);
      tell({0, 0, update.note});
    };
    results[i] =
        run_fold(job, prepared, kind, tasks[i], each, progress ? ProgressSink(within_fold) : ProgressSink());
    const std::lock_guard lock(telling);
    ++done;
    if (!progress) return;
    const auto accuracy = results[i] ? results[i]->front().scores.get("accuracy") : std::nullopt;
    tell({.metric = accuracy ? "val_accuracy" : "", .value = accuracy.value_or(0)});
  });
  std::vector<std::vector<FoldReport>> reports;
  for (auto& result : results) {
    if (!result) return propagate(result);
    reports.push_back(std::move(*result));
  }
  return reports;
}

Result<std::vector<judging::Fold>> walk_forward_folds(const Job& job, const Rows& rows, int count) {
  auto folds = judging::walk_forward(rows.times, static_cast<std::size_t>(count),
                                     judging::WalkForward::anchored, job.embargo_ms);
  if (folds.empty()) {
    return fail(ErrorCode::insufficient_data,
                "{} usable rows are too few for {} walk-forward folds; ask for fewer folds or give more bars",
                rows.size(), count);
  }
  return folds;
}

// The same sink, told which stage it hears of.
ProgressSink of_stage(const ProgressSink& progress, std::string_view stage) {
  if (!progress) return {};
  return [&progress, stage](ProgressUpdate update) {
    update.stage = stage;
    progress(update);
  };
}

}  // namespace pawl::training
