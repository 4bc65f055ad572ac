#include "training/fit_rows.h"

#include <algorithm>
#include <cassert>

namespace pawl::training {

namespace {

Result<models::Trained> train(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                              const Settings& settings, std::span<const std::size_t> chosen, int threads,
                              const ProgressSink& progress) {
  const Rows& rows = prepared.rows;
  models::TrainRequest request;
  Subset part;
  if (chosen.size() == rows.size()) {
    request.rows = {rows.values, rows.size(), rows.columns.size()};
    request.labels = rows.classes;
  } else {
    part = subset_of(rows, chosen);
    request.rows = {part.values, part.classes.size(), rows.columns.size()};
    request.labels = part.classes;
  }
  request.classes = prepared.classes;
  request.columns = rows.columns;
  request.seed = job.seed;
  request.threads = threads;
  request.frozen_rounds = job.frozen_rounds;
  request.progress = progress;
  return kind.train(settings, request);
}

// How far the likeliest class's probability is from being right, before and after.
double error_of(std::span<const double> probabilities, std::span<const int> labels, std::size_t width) {
  std::vector<double> likeliest(labels.size());
  std::vector<int> hits(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.subspan(i * width, width);
    const auto top = std::max_element(row.begin(), row.end());
    likeliest[i] = *top;
    hits[i] = labels[i] == static_cast<int>(top - row.begin()) ? 1 : 0;
  }
  return models::calibration_error(likeliest, hits);
}

}  // namespace

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

HoldOut hold_out(const Rows& rows, std::span<const std::size_t> chosen, double share, DurationMs embargo) {
  assert(share > 0 && share < 1 && embargo >= 0);
  HoldOut parts;
  if (chosen.empty()) return parts;
  const auto older = static_cast<std::size_t>((1 - share) * static_cast<double>(chosen.size()));
  // Rows that share an instant are never parted.
  const TimeMs from = rows.times[chosen[std::min(older, chosen.size() - 1)]].known_at;
  for (const std::size_t row : chosen) {
    const judging::RowTimes& times = rows.times[row];
    if (times.known_at >= from) {
      parts.held_out.push_back(row);
    } else if (times.label_known_at < from && times.label_known_at <= from - embargo) {
      parts.before.push_back(row);
    }
  }
  return parts;
}

Result<std::vector<double>> answers_of(const models::ModelKind& kind, const std::string& bytes,
                                       const Json& calibration, const Rows& rows,
                                       std::span<const std::size_t> chosen) {
  auto model = kind.load(bytes);
  if (!model) return propagate(model);
  const Subset part = subset_of(rows, chosen);
  std::vector<double> answers(chosen.size() * static_cast<std::size_t>((*model)->classes()));
  (*model)->predict({part.values, chosen.size(), rows.columns.size()}, answers);
  if (calibration.is_null()) return answers;
  auto map = models::Calibration::from_json(calibration);
  if (!map) return propagate(map);
  map->apply(answers);
  return answers;
}

Result<Fitted> fit_rows(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                        const Settings& settings, std::span<const std::size_t> chosen, int threads,
                        const ProgressSink& progress) {
  Fitted fitted;
  const Rows& rows = prepared.rows;
  const auto without_map = [&]() -> Result<Fitted> {
    auto trained = train(job, prepared, kind, settings, chosen, threads, progress);
    if (!trained) return propagate(trained);
    fitted.trained = std::move(*trained);
    return std::move(fitted);
  };
  if (job.calibration.method == models::CalibrationMethod::none) return without_map();

  const HoldOut parts = hold_out(rows, chosen, job.calibration.share, job.embargo_ms);
  fitted.report = to_json(job.calibration);
  fitted.report["trained_on"] = to_json(rows.range(parts.before));
  fitted.report["fitted_on"] = to_json(rows.range(parts.held_out));
  const std::vector<int> labels = subset_of(rows, parts.held_out).classes;
  std::vector<int> known(static_cast<std::size_t>(prepared.classes));
  for (const int label : labels) known[static_cast<std::size_t>(label)] = 1;
  const bool enough = labels.size() >= models::kCalibrationRowsMin &&
                      parts.before.size() >= models::kCalibrationRowsMin &&
                      std::count(known.begin(), known.end(), 1) == prepared.classes;
  if (!enough) {
    fitted.report["skipped"] =
        fmt::format("{} rows held out and {} before them: each side needs {}, and every class", labels.size(),
                    parts.before.size(), models::kCalibrationRowsMin);
    return without_map();
  }
  auto trained = train(job, prepared, kind, settings, parts.before, threads, progress);
  if (!trained) return propagate(trained);
  fitted.trained = std::move(*trained);
  auto answers = answers_of(kind, fitted.trained.bytes, Json(), rows, parts.held_out);
  if (!answers) return propagate(answers);
  auto map = models::Calibration::fit(job.calibration.method, prepared.classes, *answers, labels);
  if (!map) return propagate(map);
  const auto width = static_cast<std::size_t>(prepared.classes);
  fitted.report["error_before"] = error_of(*answers, labels, width);
  map->apply(*answers);
  fitted.report["error_on_its_own_rows"] = error_of(*answers, labels, width);
  fitted.calibration = map->to_json();
  return fitted;
}

}  // namespace pawl::training
