// The trainer: everything it reads is in the job, everything it makes is in the result.
#include <algorithm>
#include <numeric>

#include "models/artifact_model.h"
#include "models/model_kind.h"
#include "training/fit_rows.h"
#include "training/folds.h"
#include "training/leak_check.h"
#include "training/prepared.h"
#include "training/reference.h"
#include "training/search.h"

namespace pawl::training {

namespace {

constexpr std::size_t kSelfTestVectors = 16;

Result<std::vector<FoldReport>> walk_forward(const Job& job, const Prepared& prepared,
                                             const models::ModelKind& kind, const Settings& settings,
                                             int threads, const ProgressSink& progress) {
  if (job.walk_forward_folds <= 0) return std::vector<FoldReport>{};
  auto folds = walk_forward_folds(job, prepared.rows, job.walk_forward_folds);
  if (!folds) return propagate(folds);
  std::vector<FoldTask> tasks;
  for (const judging::Fold& fold : *folds) tasks.push_back({&settings, &fold});
  auto reports =
      run_folds(job, prepared, kind, tasks, {0, tasks.size()}, threads, of_stage(progress, "walk_forward"));
  if (!reports) return propagate(reports);
  std::vector<FoldReport> found;
  for (std::vector<FoldReport>& parts : *reports) found.push_back(std::move(parts.front()));
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
  Json searched = Json::object();
  if (job.search.trials > 0) {
    auto found = search(job, *prepared, *kind, threads, of_stage(progress, "search"));
    if (!found) return propagate(found);
    result.model_settings = std::move(found->settings);
    searched = std::move(found->report);
  }
  Result<Settings> settings = settings_from_json(kind->schema, result.model_settings, "model");
  if (!settings) return propagate(settings);
  if (job.search.trials > 0 && job.search.leak_repetitions > 0) {
    auto splits = search_splits(job, prepared->rows);
    if (!splits) return propagate(splits);
    auto check = check_leaks(job, *prepared, *kind, *settings, folds_of(*splits), threads,
                             of_stage(progress, "leak_check"));
    if (!check) return propagate(check);
    if (Status clean = alarm_of(*check); !clean) return within(job.line, clean.error());
    searched["leak_check"] = check->to_json();
  }
  auto folds = walk_forward(job, *prepared, *kind, *settings, threads, progress);
  if (!folds) return propagate(folds);
  result.folds = std::move(*folds);

  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  auto fitted =
      fit_rows(job, *prepared, *kind, *settings, rows.classes, all, threads, of_stage(progress, "fit"));
  if (!fitted) return within(job.line, fitted.error());
  models::Trained& trained = fitted->trained;
  auto importance = kind->importance(trained.bytes);
  if (!importance) return within(job.line, importance.error());

  result.rounds = trained.rounds;
  result.report = std::move(trained.report);
  if (!fitted->report.is_null()) result.report["calibration"] = std::move(fitted->report);
  result.report.update(searched);
  result.artifact = {.model_kind = job.model_kind,
                     .model_bytes = trained.bytes,
                     .self_test = {},
                     .trained_on = rows.range(all),
                     .data_cut = job.cut,
                     .importance = models::to_json(*importance),
                     .calibration = fitted->calibration};
  if (job.reference) {
    if (progress) progress({.note = "how its rows lay", .stage = "reference"});
    auto reference =
        reference_of(job, *prepared, *kind, *settings, *fitted, threads, of_stage(progress, "reference"));
    if (!reference) return within(job.line, reference.error());
    result.artifact.reference = judging::to_json(*reference);
  }
  // Loaded from its bytes before anything is asked of it: the vectors are the answers of what will be read
  // back, not of the object that happened to be in memory.
  auto model = models::load_artifact(result.artifact);
  if (!model) return within(job.line, model.error());
  result.artifact.self_test = self_test_of(**model, rows);
  return result;
}

}  // namespace pawl::training
