#include "models/kinds/training_rows.h"

#include <cassert>

namespace pawl::models {
namespace {

bool varies(const Matrix& rows, std::size_t column) {
  double first = std::nan("");
  for (std::size_t row = 0; row < rows.rows; ++row) {
    const double value = bounded(rows.values[row * rows.columns + column]);
    if (std::isnan(value)) continue;
    if (std::isnan(first)) first = value;
    if (value != first) return true;
  }
  return false;
}

}  // namespace

std::vector<std::size_t> count_classes(std::span<const int> labels, int classes) {
  std::vector<std::size_t> counts(static_cast<std::size_t>(classes));
  for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

std::string column_name(const TrainRequest& request, std::size_t column) {
  return request.columns.empty() ? fmt::format("column {}", column) : request.columns[column];
}

Status check_training_rows(const TrainRequest& request) {
  const Matrix& rows = request.rows;
  assert(rows.values.size() == rows.rows * rows.columns);
  assert(request.labels.size() == rows.rows);
  assert(request.columns.empty() || request.columns.size() == rows.columns);
  assert(request.classes >= 2 && request.classes <= kMaxClasses);
  if (rows.rows == 0) return fail(ErrorCode::insufficient_data, "there are no rows to train on");
  if (rows.columns == 0) return fail(ErrorCode::insufficient_data, "the rows have no columns to learn from");
  if (rows.columns > kMaxColumns) {
    return fail(ErrorCode::bad_data, "{} columns; a model takes at most {}", rows.columns, kMaxColumns);
  }
  for (std::size_t row = 0; row < rows.rows; ++row) {
    const int label = request.labels[row];
    if (label < 0 || label >= request.classes) {
      return fail(ErrorCode::bad_data, "row {} has label {}; labels of {} classes are 0 to {}", row, label,
                  request.classes, request.classes - 1);
    }
  }
  const std::vector<std::size_t> counts = count_classes(request.labels, request.classes);
  for (std::size_t label = 0; label < counts.size(); ++label) {
    if (counts[label] == 0) {
      return fail(ErrorCode::insufficient_data,
                  "none of the {} rows has label {}: nothing tells the classes apart", rows.rows, label);
    }
  }
  for (std::size_t column = 0; column < rows.columns; ++column) {
    if (varies(rows, column)) return {};
  }
  return fail(ErrorCode::insufficient_data, "no column of the {} rows has two different values", rows.rows);
}

}  // namespace pawl::models
