// Rows with a known signal in them, and short ways to train and load, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/config_node.h"
#include "base/random.h"
#include "models/model_kind.h"

namespace pawl::models {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInf = std::numeric_limits<double>::infinity();

struct Rows {
  std::vector<double> values;
  std::vector<int> labels;
  std::size_t columns = 0;
  int classes = 2;

  std::size_t count() const { return values.size() / columns; }
  Matrix matrix() const { return {values, count(), columns}; }
  TrainRequest request(std::uint64_t seed = 7) const {
    TrainRequest request;
    request.rows = matrix();
    request.labels = labels;
    request.classes = classes;
    request.seed = seed;
    for (std::size_t c = 0; c < columns; ++c) request.columns.push_back(fmt::format("x{}", c));
    return request;
  }
};

// The first two columns carry the label, with noise; every tenth value is missing.
inline Rows noisy_rows(std::size_t count, std::size_t columns, int classes, std::uint64_t seed) {
  Random random(seed);
  Rows rows;
  rows.columns = columns;
  rows.classes = classes;
  for (std::size_t row = 0; row < count; ++row) {
    double score = random.normal();
    for (std::size_t c = 0; c < columns; ++c) {
      const double value = random.normal();
      if (c == 0) score += value;
      if (c == 1) score += value > 0 ? 1.0 : -1.0;
      rows.values.push_back(random.below(10) == 0 ? kNan : value);
    }
    rows.labels.push_back(classes == 2 ? score > 0 : score > 0.7 ? 2 : score < -0.7 ? 0 : 1);
  }
  return rows;
}

// settings_of("xgboost", "{trees: 20}")
inline Settings settings_of(std::string_view kind, std::string_view yaml = "{}") {
  const auto node = parse_yaml(yaml, "test");
  EXPECT_TRUE(node) << node.error().message;
  const auto settings = Settings::read(find_model_kind(kind)->schema, *node, "model");
  EXPECT_TRUE(settings) << settings.error().message;
  return settings.value_or(Settings::defaults(find_model_kind(kind)->schema));
}

inline Result<Trained> train(std::string_view kind, std::string_view yaml, const TrainRequest& request) {
  return find_model_kind(kind)->train(settings_of(kind, yaml), request);
}

inline Result<std::unique_ptr<Model>> load(std::string_view kind, std::string_view bytes) {
  return find_model_kind(kind)->load(bytes);
}

inline std::vector<double> predict(const Model& model, const Matrix& rows) {
  std::vector<double> probabilities(rows.rows * static_cast<std::size_t>(model.classes()));
  model.predict(rows, probabilities);
  return probabilities;
}

inline std::vector<double> predict_one(const Model& model, std::vector<double> row) {
  return predict(model, {row, 1, row.size()});
}

// Equality of bits, so that NaN equals itself and −0 differs from 0.
inline bool same_bits(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  }
  return true;
}

}  // namespace pawl::models
