// The one door to the XGBoost library: owners for its handles, its errors as results.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::models {

struct BoostSettings {
  int classes = 2;
  std::int64_t depth = 4, max_bins = 256;
  double learning_rate = 0.05, subsample = 0.8, column_share = 0.8, min_child_weight = 1, l2 = 1;
  std::uint32_t seed = 0;
  int threads = 1;
};

// Rows as the library wants them: float, NaN where missing.
struct FloatRows {
  std::span<const float> values;
  std::size_t rows = 0, columns = 0;
};

// Rows inside the library, with their labels.
class BoostMatrix {
 public:
  // Binned for training; a quarter of the memory of a plain one.
  static Result<BoostMatrix> binned(const FloatRows& rows, std::span<const float> labels,
                                    const BoostSettings& settings);
  static Result<BoostMatrix> plain(const FloatRows& rows, std::span<const float> labels, int threads);

 private:
  friend class Booster;
  struct Free {
    void operator()(void* handle) const;
  };
  explicit BoostMatrix(void* handle) : handle_(handle) {}
  std::unique_ptr<void, Free> handle_;
};

class Booster {
 public:
  // `matrices` are those it will be trained on and asked about; they must live as long.
  static Result<Booster> create(const BoostSettings& settings, std::span<const BoostMatrix* const> matrices);
  // `ubj` must have passed read_tree_file: the library trusts its input.
  static Result<Booster> load(std::string_view ubj);

  Status train_round(int round, const BoostMatrix& rows);
  // Before the sigmoid or softmax: one or `classes` values per row. Remembers what it added up before.
  Result<std::vector<float>> margins(const BoostMatrix& rows);
  // After it: p(up), or a probability per class.
  Result<std::vector<float>> predict(const FloatRows& rows);
  // What each column adds to each margin (Lundberg's TreeSHAP along the trees' own paths, exact): for every
  // row and margin a value per column, then the bias.
  Result<std::vector<float>> contributions(const BoostMatrix& rows);
  // By column, 0 for one that no split asks for. `kind`: "gain" (mean of its splits), "total_gain", "weight"
  // (how many there are).
  Result<std::vector<float>> feature_scores(std::string_view kind, std::size_t columns);
  Result<std::string> save();

 private:
  struct Free {
    void operator()(void* handle) const;
  };
  explicit Booster(void* handle) : handle_(handle) {}
  Status set(const char* name, const std::string& value);
  Result<std::vector<float>> ask(const BoostMatrix& rows, const char* config);
  std::unique_ptr<void, Free> handle_;
};

}  // namespace pawl::models
