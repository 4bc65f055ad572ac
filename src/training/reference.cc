#include "training/reference.h"

#include <numeric>

namespace pawl::training {

namespace {

// What a buy at a row came to, as the outcomes of live predictions have it: held for the whole horizon, also
// where a barrier of the label was touched before. A barrier's label whose horizon leaves the session keeps
// the exit that it has.
double gross_of(const Job& job, const Prepared& prepared, std::size_t row) {
  if (job.rows) return prepared.ready.pnl_pct[row];
  const Rows::Origin& origin = prepared.rows.origins[row];
  const datasets::Dataset& dataset = prepared.rows.datasets[origin.series];
  const BarSeries& bars = job.series[origin.series].bars;
  const std::size_t entry = dataset.bar_index[origin.row] + 1,
                    exit = entry + prepared.labeller->horizon_bars();
  const bool held = exit < bars.size() && (!prepared.labeller->within_session() ||
                                           prepared.calendar.session_of(bars.open_time(entry)) ==
                                               prepared.calendar.session_of(bars.open_time(exit)));
  if (!held) return dataset.labels[origin.row].gross_return;
  return bars.open(exit) / bars.open(entry) - 1;
}

bool signal_allowed(const Rows& rows, std::size_t row) {
  if (rows.origins.empty()) return true;  // rows that came ready
  const std::vector<std::uint8_t>& allowed = rows.datasets[rows.origins[row].series].signal_allowed;
  return allowed.empty() || allowed[rows.origins[row].row] != 0;
}

}  // namespace

Result<judging::DriftReference> reference_of(const Job& job, const Prepared& prepared,
                                             const models::ModelKind& kind, const Settings& settings,
                                             const Fitted& fitted, int threads,
                                             const ProgressSink& progress) {
  const Rows& rows = prepared.rows;
  const std::size_t width = rows.columns.size();
  judging::DriftReference reference;
  std::vector<TimeMs> times;
  for (const judging::RowTimes& row : rows.times) times.push_back(row.known_at);
  std::vector<double> values(rows.size());
  for (std::size_t column = 0; column < width; ++column) {
    for (std::size_t row = 0; row < rows.size(); ++row) values[row] = rows.values[row * width + column];
    reference.features.push_back(judging::column_reference(rows.columns[column], values, times));
  }

  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const HoldOut parts = hold_out(rows, all, job.calibration.share, job.embargo_ms);
  if (parts.held_out.size() < models::kCalibrationRowsMin ||
      parts.before.size() < models::kCalibrationRowsMin) {
    return reference;
  }
  std::string bytes = fitted.trained.bytes;
  if (fitted.calibration.is_null()) {
    Job older = job;
    older.calibration.method = models::CalibrationMethod::none;
    auto trained = fit_rows(older, prepared, kind, settings, rows.classes, parts.before, threads, progress);
    // Too few classes or too little variance there: features are watched, the probability is not.
    if (!trained) return reference;
    bytes = std::move(trained->trained.bytes);
  }
  auto answers = answers_of(kind, bytes, fitted.calibration, rows, parts.held_out);
  if (!answers) return propagate(answers);
  const auto classes = static_cast<std::size_t>(prepared.classes);
  std::vector<double> up;
  std::vector<TimeMs> answered_at;
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < parts.held_out.size(); ++i) {
    const std::span<const double> p = std::span(*answers).subspan(i * classes, classes);
    up.push_back(p.back());
    answered_at.push_back(times[parts.held_out[i]]);
    const std::size_t row = parts.held_out[i];
    const Side side = signal_allowed(rows, row) ? job.signal.side(p) : Side::hold;
    if (side == Side::hold) continue;
    ++reference.signals;
    wrong += static_cast<double>(side) * gross_of(job, prepared, row) > 0 ? 0 : 1;
  }
  reference.p_up = judging::column_reference("p_up", up, answered_at);
  if (reference.signals > 0) {
    reference.error_share = static_cast<double>(wrong) / static_cast<double>(reference.signals);
  }
  return reference;
}

}  // namespace pawl::training
