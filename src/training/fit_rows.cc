#include "training/fit_rows.h"

#include <algorithm>
#include <cassert>

namespace pawl::training {

namespace {

std::vector<double> values_of(const Rows& rows, std::span<const std::size_t> chosen) {
  std::vector<double> values;
  const std::size_t width = rows.columns.size();
  values.reserve(chosen.size() * width);
  for (const std::size_t row : chosen) {
    const auto from = rows.values.begin() + static_cast<std::ptrdiff_t>(row * width);
    values.insert(values.end(), from, from + static_cast<std::ptrdiff_t>(width));
  }
  return values;
}

std::vector<int> chosen_of(std::span<const int> classes, std::span<const std::size_t> chosen) {
  std::vector<int> labels;
  labels.reserve(chosen.size());
  for (const std::size_t row : chosen) labels.push_back(classes[row]);
  return labels;
}

Result<models::Trained> train(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                              const Settings& settings, std::span<const int> classes,
                              std::span<const std::size_t> chosen, int threads,
                              const ProgressSink& progress) {
  const Rows& rows = prepared.rows;
  std::vector<double> values;
  std::vector<int> labels;
  models::TrainRequest request;
  if (chosen.size() == rows.size()) {
    request.rows = {rows.values, rows.size(), rows.columns.size()};
    request.labels = classes;
  } else {
    values = values_of(rows, chosen);
    labels = chosen_of(classes, chosen);
    request.rows = {values, chosen.size(), rows.columns.size()};
    request.labels = labels;
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
  const std::vector<double> values = values_of(rows, chosen);
  std::vector<double> answers(chosen.size() * static_cast<std::size_t>((*model)->classes()));
  (*model)->predict({values, chosen.size(), rows.columns.size()}, answers);
  if (calibration.is_null()) return answers;
  auto map = models::Calibration::from_json(calibration);
  if (!map) return propagate(map);
  map->apply(answers);
  return answers;
}

Result<Fitted> fit_rows(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                        const Settings& settings, std::span<const int> classes,
                        std::span<const std::size_t> chosen, int threads, const ProgressSink& progress) {
  assert(classes.size() == prepared.rows.size());
  Fitted fitted;
  const Rows& rows = prepared.rows;
  const auto without_map = [&]() -> Result<Fitted> {
    auto trained = train(job, prepared, kind, settings, classes, chosen, threads, progress);
    if (!trained) return propagate(trained);
    fitted.trained = std::move(*trained);
    return std::move(fitted);
  };
  if (job.calibration.method == models::CalibrationMethod::none) return without_map();

  const HoldOut parts = hold_out(rows, chosen, job.calibration.share, job.embargo_ms);
  fitted.report = to_json(job.calibration);
  fitted.report["trained_on"] = to_json(rows.range(parts.before));
  fitted.report["fitted_on"] = to_json(rows.range(parts.held_out));
  const std::vector<int> labels = chosen_of(classes, parts.held_out);
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
  auto trained = train(job, prepared, kind, settings, classes, parts.before, threads, progress);
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
