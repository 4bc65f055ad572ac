#include "contest/permutation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "judging/metrics.h"

namespace pawl::contest {
namespace {

// The rows that are asked about, one after another.
struct Block {
  std::vector<double> values;
  std::vector<int> classes;
  RowRange range;
  std::size_t columns = 0;
};

struct Scores {
  double log_loss = 0, accuracy = 0;
};

// As judging/score.cc has them; only these two are wanted, many times over.
class Scorer {
 public:
  Scorer(const models::Model& model, const Block& block)
      : model_(model), block_(block), probabilities_(block.classes.size() * classes()) {}

  Scores score(std::span<const double> values) {
    constexpr double kSmallestProbability = 1e-15;
    const std::size_t rows = block_.classes.size();
    model_.predict({values, rows, block_.columns}, probabilities_);
    double loss = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const std::span<const double> p = std::span(probabilities_).subspan(i * classes(), classes());
      loss -= std::log(std::clamp(p[static_cast<std::size_t>(block_.classes[i])], kSmallestProbability, 1.0));
      right += judging::predicted_class(p) == block_.classes[i] ? 1 : 0;
    }
    return {loss / static_cast<double>(rows), static_cast<double>(right) / static_cast<double>(rows)};
  }

 private:
  std::size_t classes() const { return static_cast<std::size_t>(model_.classes()); }
  const models::Model& model_;
  const Block& block_;
  std::vector<double> probabilities_;
};

// The unseen rows in order of time; those of one instant as they came.
std::vector<std::size_t> unseen_rows(const PermutationRequest& request) {
  const LabelledRows& rows = *request.rows;
  std::vector<std::size_t> unseen;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.known_at[i] > request.seen_to && rows.label_known_at[i] <= request.as_of) unseen.push_back(i);
  }
  std::stable_sort(unseen.begin(), unseen.end(),
                   [&](std::size_t a, std::size_t b) { return rows.known_at[a] < rows.known_at[b]; });
  return unseen;
}

Block block_of(const LabelledRows& rows, std::span<const std::size_t> chosen) {
  Block block;
  block.columns = rows.columns.size();
  block.values.reserve(chosen.size() * block.columns);
  for (const std::size_t row : chosen) {
    const auto from = rows.values.begin() + static_cast<std::ptrdiff_t>(row * block.columns);
    block.values.insert(block.values.end(), from, from + static_cast<std::ptrdiff_t>(block.columns));
    block.classes.push_back(rows.classes[row]);
  }
  if (!chosen.empty()) {
    block.range = {rows.known_at[chosen.front()], rows.known_at[chosen.back()],
                   static_cast<std::int64_t>(chosen.size())};
  }
  return block;
}

struct Spread {
  double mean = 0, deviation = 0;
};

Spread spread_of(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  Spread spread{.mean = std::accumulate(values.begin(), values.end(), 0.0) / count, .deviation = 0};
  if (values.size() < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / (count - 1));
  return spread;
}

// Fisher and Yates; the values of one column, dealt out anew.
void shuffle(std::span<double> values, Random& random) {
  for (std::size_t left = values.size(); left > 1; --left)
    std::swap(values[left - 1], values[random.below(left)]);
}

Status check(const PermutationRequest& request) {
  assert(request.model && request.rows);
  if (request.repeats < 1) return fail(ErrorCode::invalid_argument, "repeats: at least 1");
  if (request.rows_min < 1 || request.rows_max < request.rows_min) {
    return fail(ErrorCode::invalid_argument, "rows: at least {}, the fewest that say anything",
                std::max<std::size_t>(request.rows_min, 1));
  }
  const LabelledRows& rows = *request.rows;
  if (rows.size() > 0 && request.model->columns() != rows.columns.size()) {
    return fail(ErrorCode::conflict, "the model reads {} columns, the rows have {}", request.model->columns(),
                rows.columns.size());
  }
  for (const int cls : rows.classes) {
    if (cls < 0 || cls >= request.model->classes()) {
      return fail(ErrorCode::conflict, "a row is of class {}, the model answers {} classes", cls,
                  request.model->classes());
    }
  }
  return {};
}

}  // namespace

void LabelledRows::add(const datasets::Dataset& dataset) {
  assert(columns.empty() || columns == dataset.frame.names);
  columns = dataset.frame.names;
  for (const std::size_t row : datasets::usable_rows(dataset)) {
    const std::span<const double> of_row = dataset.frame.row(row);
    values.insert(values.end(), of_row.begin(), of_row.end());
    classes.push_back(dataset.labels[row].cls);
    known_at.push_back(dataset.frame.known_at[row]);
    label_known_at.push_back(dataset.labels[row].known_at);
  }
}

void LabelledRows::add(const datasets::TradeTable& trades) {
  assert(columns.empty() || columns == trades.columns);
  columns = trades.columns;
  values.insert(values.end(), trades.values.begin(), trades.values.end());
  classes.insert(classes.end(), trades.classes.begin(), trades.classes.end());
  known_at.insert(known_at.end(), trades.known_at.begin(), trades.known_at.end());
  label_known_at.insert(label_known_at.end(), trades.label_known_at.begin(), trades.label_known_at.end());
}

Result<PermutationImportance> permutation_importance(const PermutationRequest& request) {
  if (Status checked = check(request); !checked) return propagate(checked);
  const std::vector<std::size_t> unseen = unseen_rows(request);
  PermutationImportance found;
  found.unseen = static_cast<std::int64_t>(unseen.size());
  found.seed = request.seed;
  found.repeats = request.repeats;
  const std::size_t used = std::min(unseen.size(), request.rows_max);
  const Block block = block_of(*request.rows, std::span(unseen).last(used));
  found.rows = block.range;
  if (used < request.rows_min) {
    found.missing = static_cast<std::int64_t>(request.rows_min - used);
    return found;
  }
  Scorer scorer(*request.model, block);
  const Scores whole = scorer.score(block.values);
  found.log_loss = whole.log_loss;
  found.accuracy = whole.accuracy;

  std::vector<double> changed = block.values, column(used);
  std::vector<double> losses(static_cast<std::size_t>(request.repeats)), accuracies(losses.size());
  for (std::size_t c = 0; c < block.columns; ++c) {
    for (std::size_t r = 0; r < losses.size(); ++r) {
      if (request.cancelled && request.cancelled()) {
        return fail(ErrorCode::cancelled, "stopped before all columns were measured");
      }
      for (std::size_t i = 0; i < used; ++i) column[i] = block.values[i * block.columns + c];
      Random random(derive_seed(derive_seed(request.seed, c), r));
      shuffle(column, random);
      for (std::size_t i = 0; i < used; ++i) changed[i * block.columns + c] = column[i];
      const Scores scores = scorer.score(changed);
      losses[r] = scores.log_loss - whole.log_loss;
      accuracies[r] = whole.accuracy - scores.accuracy;
      if (request.progress) {
        request.progress(
            {.done = c * losses.size() + r + 1, .total = block.columns * losses.size(), .note = "columns"});
      }
    }
    for (std::size_t i = 0; i < used; ++i)
      changed[i * block.columns + c] = block.values[i * block.columns + c];
    const Spread loss = spread_of(losses), accuracy = spread_of(accuracies);
    found.columns.push_back({.name = request.rows->columns[c],
                             .log_loss = loss.mean,
                             .log_loss_deviation = loss.deviation,
                             .accuracy = accuracy.mean,
                             .accuracy_deviation = accuracy.deviation});
  }
  return found;
}

}  // namespace pawl::contest
