// A training job: a folder that holds everything the trainer may see, and nothing else (DESIGN rule 5). The
// trainer is a pure function of it; a remote runner ships the same folder.
//
//   jobs/000012-fit/{job.json, bars.bin, state.bin, checksums}          in; rows.bin where rows came ready
//   jobs/000012-fit/{artifact.model, selftest.bin, report.json, done}  out
//
// Two kinds. `fit` is cut at T − J − h − embargo and makes the judged artifact; `refit` is cut at T − h, has
// the settings and the rounds of the fit frozen, and makes the serving artifact of a version that the gate
// let through.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/progress.h"
#include "datasets/trade_table.h"
#include "domain/bar_series.h"
#include "domain/costs.h"
#include "domain/ids.h"
#include "domain/timeframe.h"
#include "domain/version.h"
#include "judging/metrics.h"
#include "models/calibration.h"

namespace pawl::training {

enum class JobKind { fit, refit };
std::string_view job_kind_name(JobKind kind);  // "fit", "refit"

// The bars of one symbol with the feature state that stands before the first of them.
struct JobSeries {
  std::string symbol;
  std::string feature_state;  // Engine::save() before bars[0]; empty: from the very beginning
  std::string scale_state;    // likewise for the label's scale feature
  std::string where_state;    // likewise for the feature that says where signals may be
  BarSeries bars;             // none known later than the cut
  TimeMs rows_from = 0;       // rows begin at the first bar that closes after this
};

// Settings to try before the fit, on the job's own rows: the one with the least log-loss is fitted. Trial 0
// is the job's own settings, the others are drawn from the space by the job's seed.
struct JobSearch {
  enum class Form {
    cpcv,    // combinatorial purged splits, by successive halving: all trials on a few splits, the best
             // 1/halving of them (and trial 0) on `halving` times as many, the last on all
    newest,  // every trial on the newest `folds` walk-forward folds
  };
  Form form = Form::cpcv;
  int trials = 0;  // 0 searches nothing
  int folds = 1;
  int groups = 6, test_groups = 2, halving = 3;
  int leak_repetitions = 8;  // of the leak check with what was found; 0 makes none
  std::vector<std::pair<std::string, std::vector<std::string>>> space;  // "depth" → {"2", "3"}
};
std::string_view search_form_name(JobSearch::Form form);  // "cpcv", "newest"
std::optional<JobSearch::Form> search_form_of(std::string_view name);

// Whether the model's probabilities are mapped to what happens, and by which rows: the newest share of the
// job's own, which the model is then not trained on.
struct JobCalibration {
  models::CalibrationMethod method = models::CalibrationMethod::none;
  double share = 0.2;
};
Json to_json(const JobCalibration& calibration);
// Of null, that of a job or version that says nothing of it: none. corrupt where it is no calibration.
Result<JobCalibration> calibration_from_json(const Json& json);

// Rows that come ready instead of being made from bars: those of a filter, which are a bot's closed trades.
using JobRows = datasets::TradeTable;

struct Job {
  JobKind kind = JobKind::fit;
  std::int64_t run_id = 0;
  LineId line;
  TimeMs cut = 0;  // nothing known later is in the folder
  Timeframe base = kH1;
  std::string day_anchor, session;
  std::vector<std::string> features;
  std::vector<std::string> outside;  // names of the joined columns of all series' bars
  std::string signal_where;          // a feature expression; empty: signals everywhere
  std::string label_kind, model_kind;
  Json label_settings = Json::object(), model_settings = Json::object();
  Costs costs;
  judging::SignalRule signal;
  double bars_per_year = 252;
  std::uint64_t seed = 0;
  std::optional<int> frozen_rounds;  // of a refit
  int walk_forward_folds = 0;        // 0: none
  JobSearch search;
  JobCalibration calibration;
  bool reference = false;  // says how its rows lay, for whoever watches later ones (docs/drift.md)
  DurationMs embargo_ms = 0;
  std::vector<JobSeries> series;  // one per symbol; a pooled line has several
  bool pooled = false;            // scores are averaged per date first
  // Where there are any, they are what is trained on and `series` is empty; features, label, costs and bars
  // are not looked at (a trade's return is after costs), and `signal` is of the kind allow. In any order; no
  // label is known later than the cut.
  std::optional<JobRows> rows;
};

// One fold of the walk-forward over the job's own rows.
struct FoldReport {
  RowRange train, test;
  Scorecard scores;
};

struct JobResult {
  Artifact artifact;
  int rounds = 0;
  std::vector<FoldReport> folds;
  Json model_settings = Json::object();  // that were fitted: the job's, or what its search found
  // The model kind's own; "search" with every trial where there was one, "calibration" likewise.
  Json report = Json::object();
};

// "000012-fit-BTC_USDT": run, kind and the line's last part.
std::string job_folder_name(const Job& job);

// Writes the input side of a folder, checksums last. The folder must not exist.
Status write_job(FileSystem& files, const Path& folder, const Job& job);
// Reads and checks it: corrupt where a file does not match its checksum, or holds a bar or a
// label known after the cut.
Result<Job> read_job(FileSystem& files, const Path& folder);
Status write_result(FileSystem& files, const Path& folder, const JobResult& result);
Result<JobResult> read_result(FileSystem& files, const Path& folder);

// Features, labels, optional walk-forward, training, self-test vectors. Deterministic: the same job gives
// the same bytes at any thread count. insufficient_data where there are too few usable rows.
Result<JobResult> run_job(const Job& job, int threads, const ProgressSink& progress);

}  // namespace pawl::training
