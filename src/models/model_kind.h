// A kind of model: how it is trained and how its bytes are loaded. A new kind is one file in kinds/ and one
// line in model_kinds.cc. Rows are row-major doubles; NaN is a missing value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/progress.h"
#include "base/settings.h"
#include "models/explanation.h"

namespace pawl::models {

struct Matrix {
  std::span<const double> values;  // rows × columns
  std::size_t rows = 0, columns = 0;
};

// A trained model. Immutable; predict is safe from any thread and allocates nothing.
class Model {
 public:
  virtual ~Model() = default;
  virtual int classes() const = 0;
  virtual std::size_t columns() const = 0;
  // One row of `classes()` probabilities per input row: [down, up] or [SELL, HOLD, BUY]. The same row gives
  // the same bits whatever rows stand beside it.
  virtual void predict(const Matrix& rows, std::span<double> probabilities) const = 0;
  // What a reader may want to see: trees, coefficients, gain by column.
  virtual Json describe() const = 0;
};

struct TrainRequest {
  Matrix rows;
  std::span<const int> labels;  // 0 … classes − 1
  int classes = 2;
  std::vector<std::string> columns;  // feature specs, for messages and importance
  std::uint64_t seed = 0;
  int threads = 1;                   // must not change a bit of the result
  std::optional<int> frozen_rounds;  // refit: exactly so many, no early stopping
  ProgressSink progress;
};

struct Trained {
  std::string bytes;  // what load() takes
  int rounds = 0;     // trees per class, epochs or iterations actually used
  Json report = Json::object();
};

struct ModelKind {
  std::string name;  // "xgboost"
  std::string help;
  Schema schema;
  // insufficient_data where rows, classes or variance are lacking; internal where the library fails.
  Result<Trained> (*train)(const Settings& settings, const TrainRequest& request);
  // corrupt, with the reason, where the bytes are not what train() wrote: cut, flipped, NaN weights.
  Result<std::unique_ptr<Model>> (*load)(std::string_view bytes);
  // What a trained model goes by; the same bytes give the same bits. corrupt as load().
  Result<Importance> (*importance)(std::string_view bytes);
  // What made its answer to one row, which has as many values as the model has columns: exact, of the
  // probabilities that predict() gives. corrupt as load(), invalid_argument for a row of another width.
  Result<Contributions> (*contributions)(std::string_view bytes, std::span<const double> row);
};
const std::vector<ModelKind>& model_kinds();
const ModelKind* find_model_kind(std::string_view name);

// The features that the rules baseline reads; none of its own where it allows everything.
std::vector<std::string> rules_features(const Settings& rules);

}  // namespace pawl::models
