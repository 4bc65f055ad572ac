// What every trained kind asks of its rows before it begins, and how it reads one value.
#pragma once

#include <cmath>
#include <cstddef>

#include "models/model_kind.h"

namespace pawl::models {

inline constexpr int kMaxClasses = 3;
inline constexpr std::size_t kMaxColumns = 4096;

// The largest magnitude that a model sees. An indicator that divides by zero gives infinity; it stays the
// largest value of its column instead of breaking the library, in training and prediction alike.
inline constexpr double kLargestValue = 1e30;

// insufficient_data: no rows, a class without rows, no column that varies. bad_data: a label out of range,
// more columns than a model can have. Rows, labels and column names that do not fit each other are a bug.
Status check_training_rows(const TrainRequest& request);

// Rows of each class.
std::vector<std::size_t> count_classes(std::span<const int> labels, int classes);

// The request's name of a column, or "column 3" where it gave none.
std::string column_name(const TrainRequest& request, std::size_t column);

// NaN stays NaN; everything else comes within ±kLargestValue.
inline double bounded(double value) {
  const double below = value > kLargestValue ? kLargestValue : value;
  return below < -kLargestValue ? -kLargestValue : below;
}

}  // namespace pawl::models
