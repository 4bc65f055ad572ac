#include "models/kinds/boosting.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/kinds/flat_trees.h"
#include "models/kinds/training_rows.h"

namespace pawl::models {
namespace {

// Rows [from, to) of a request as the library wants them.
struct LibraryRows {
  std::vector<float> values, labels;
  std::size_t columns;

  LibraryRows(const TrainRequest& request, std::size_t from, std::size_t to) : columns(request.rows.columns) {
    values.reserve((to - from) * columns);
    for (const double value : request.rows.values.subspan(from * columns, (to - from) * columns)) {
      values.push_back(FlatTrees::seen(value));
    }
    for (const int label : request.labels.subspan(from, to - from))
      labels.push_back(static_cast<float>(label));
  }
  FloatRows view() const { return {values, labels.size(), columns}; }
};

double log_loss(std::span<const float> margins, double label) {
  if (margins.size() == 1) {
    const double against = label > 0 ? -static_cast<double>(margins[0]) : static_cast<double>(margins[0]);
    return std::max(against, 0.0) + std::log1p(std::exp(-std::abs(against)));
  }
  const double top = *std::ranges::max_element(margins);
  double sum = 0;
  for (const float margin : margins) sum += std::exp(static_cast<double>(margin) - top);
  return top + std::log(sum) - static_cast<double>(margins[static_cast<std::size_t>(label)]);
}

double mean_log_loss(std::span<const float> margins, std::span<const float> labels) {
  const std::size_t width = margins.size() / labels.size();
  double sum = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    sum += log_loss(margins.subspan(row * width, width), static_cast<double>(labels[row]));
  }
  return sum / static_cast<double>(labels.size());
}

// The share of rows whose own class has the largest margin.
double accuracy(std::span<const float> margins, std::span<const float> labels) {
  const std::size_t width = margins.size() / labels.size();
  std::size_t right = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const std::span<const float> own = margins.subspan(row * width, width);
    const auto answer = width == 1 ? (own[0] > 0 ? 1 : 0) : std::ranges::max_element(own) - own.begin();
    right += std::cmp_equal(answer, static_cast<std::size_t>(labels[row])) ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

ProgressUpdate rounds_done(int done, int total, std::string_view note) {
  return {static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total), note};
}

}  // namespace

Result<StoppingPoint> find_stopping_point(const TrainRequest& request, const BoostSettings& settings,
                                          const EarlyStopping& stopping, int rounds_max) {
  const std::size_t rows = request.rows.rows;
  StoppingPoint point;
  point.held_rows = static_cast<std::size_t>(std::floor(static_cast<double>(rows) * stopping.held_share));
  const std::size_t kept_back = point.held_rows + stopping.gap_rows;
  if (point.held_rows == 0 || kept_back >= rows) {
    return fail(
        ErrorCode::insufficient_data,
        "early stopping holds {} of {} rows and leaves a gap of {}: nothing is left to fit or to judge by",
        point.held_rows, rows, stopping.gap_rows);
  }
  point.fitted_rows = rows - kept_back;
  for (const std::size_t count : count_classes(request.labels.first(point.fitted_rows), request.classes)) {
    if (count == 0) {
      return fail(ErrorCode::insufficient_data,
                  "the first {} of {} rows, which early stopping fits, lack one of the {} classes",
                  point.fitted_rows, rows, request.classes);
    }
  }
  const LibraryRows front(request, 0, point.fitted_rows), tail(request, rows - point.held_rows, rows);
  const auto fitted = BoostMatrix::binned(front.view(), front.labels, settings);
  if (!fitted) return propagate(fitted);
  const auto held = BoostMatrix::plain(tail.view(), tail.labels, settings.threads);
  if (!held) return propagate(held);
  const std::array<const BoostMatrix*, 2> matrices = {&*fitted, &*held};
  auto booster = Booster::create(settings, matrices);
  if (!booster) return propagate(booster);
  for (int round = 0; round < rounds_max; ++round) {
    if (auto grown = booster->train_round(round, *fitted); !grown) return propagate(grown);
    const auto margins = booster->margins(*held);
    if (!margins) return propagate(margins);
    point.rounds_tried = round + 1;
    point.last_log_loss = mean_log_loss(*margins, tail.labels);
    if (round == 0 || point.last_log_loss < point.best_log_loss) {
      point.best_log_loss = point.last_log_loss;
      point.best_round = round + 1;
    }
    if (request.progress) {
      ProgressUpdate update = rounds_done(round + 1, rounds_max, "trees, to find when to stop");
      update.metric = "val_accuracy";
      update.value = accuracy(*margins, tail.labels);
      request.progress(update);
    }
    if (round + 1 - point.best_round >= stopping.patience_rounds) break;
  }
  return point;
}

Result<std::string> grow(const TrainRequest& request, const BoostSettings& settings, int rounds) {
  const LibraryRows rows(request, 0, request.rows.rows);
  const auto matrix = BoostMatrix::binned(rows.view(), rows.labels, settings);
  if (!matrix) return propagate(matrix);
  const std::array<const BoostMatrix*, 1> matrices = {&*matrix};
  auto booster = Booster::create(settings, matrices);
  if (!booster) return propagate(booster);
  for (int round = 0; round < rounds; ++round) {
    if (auto grown = booster->train_round(round, *matrix); !grown) return propagate(grown);
    if (request.progress) request.progress(rounds_done(round + 1, rounds, "trees"));
  }
  return booster->save();
}

}  // namespace pawl::models
