#include "models/kinds/tree_explanation.h"

#include <algorithm>
#include <numeric>

#include "models/kinds/flat_trees.h"
#include "models/kinds/tree_bytes.h"
#include "models/kinds/xgboost_library.h"

namespace pawl::models {
namespace {

// Each one's part of their sum; all 0 where the sum is (a tree of one leaf gains nothing).
std::vector<double> shares_of(const std::vector<float>& scores) {
  std::vector<double> shares(scores.begin(), scores.end());
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share = total > 0 ? share / total : 0;
  return shares;
}

}  // namespace

Result<Importance> tree_importance(std::string_view bytes) {
  const auto file = read_tree_file(bytes);
  if (!file) return propagate(file);
  auto booster = Booster::load(file->ubj);
  if (!booster) return fail(ErrorCode::corrupt, "tree model: {}", booster.error().message);
  const std::size_t columns = file->columns.size();
  const auto gain = booster->feature_scores("gain", columns);
  if (!gain) return propagate(gain);
  const auto total = booster->feature_scores("total_gain", columns);
  if (!total) return propagate(total);
  const auto splits = booster->feature_scores("weight", columns);
  if (!splits) return propagate(splits);
  const std::vector<double> share = shares_of(*gain), total_share = shares_of(*total);
  Importance importance{.kind = "gain", .columns = {}};
  for (std::size_t c = 0; c < columns; ++c) {
    importance.columns.push_back({.name = file->columns[c],
                                  .share = share[c],
                                  .splits = static_cast<std::int64_t>((*splits)[c]),
                                  .total_share = total_share[c]});
  }
  return importance;
}

Result<Contributions> tree_contributions(std::string_view bytes, std::span<const double> row) {
  const auto file = read_tree_file(bytes);
  if (!file) return propagate(file);
  const std::size_t columns = file->columns.size();
  if (row.size() != columns) {
    return fail(ErrorCode::invalid_argument, "a row of {} values for trees of {} columns", row.size(),
                columns);
  }
  auto booster = Booster::load(file->ubj);
  if (!booster) return fail(ErrorCode::corrupt, "tree model: {}", booster.error().message);
  std::vector<float> seen(columns);
  std::ranges::transform(row, seen.begin(), FlatTrees::seen);
  const auto matrix = BoostMatrix::plain({seen, 1, columns}, {}, 1);
  if (!matrix) return propagate(matrix);
  const auto values = booster->contributions(*matrix);
  if (!values) return propagate(values);
  const std::size_t scores = file->classes > 2 ? static_cast<std::size_t>(file->classes) : 1;
  if (values->size() != scores * (columns + 1)) {
    return fail(ErrorCode::internal, "xgboost gave {} contributions for {} scores of {} columns",
                values->size(), scores, columns);
  }
  Contributions made;
  for (std::size_t s = 0; s < scores; ++s) {
    const auto first = values->begin() + static_cast<std::ptrdiff_t>(s * (columns + 1));
    made.by_column.insert(made.by_column.end(), first, first + static_cast<std::ptrdiff_t>(columns));
    made.bias.push_back(static_cast<double>(*(first + static_cast<std::ptrdiff_t>(columns))));
  }
  return made;
}

}  // namespace pawl::models
