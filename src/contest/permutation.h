// What a version goes by on rows that it has never seen: how much worse its answers become when the values of
// one column are dealt out anew among the rows (Breiman 2001), which takes from it what that column knows and
// leaves everything else as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "datasets/trade_table.h"
#include "domain/version.h"
#include "models/model_kind.h"

namespace pawl::contest {

// Rows with what became of them, of one symbol or of several, in any order.
struct LabelledRows {
  std::vector<std::string> columns;
  std::vector<double> values;  // row-major
  std::vector<int> classes;
  std::vector<TimeMs> known_at, label_known_at;

  std::size_t size() const { return classes.size(); }
  // The usable ones of a symbol; the trades of a filter. The columns are those that are there already, or the
  // first to come.
  void add(const datasets::Dataset& dataset);
  void add(const datasets::TradeTable& trades);
};

struct PermutationRequest {
  const models::Model* model = nullptr;  // reads the columns of `rows`
  const LabelledRows* rows = nullptr;
  // The version knew what was known by then, its embargo added: rows known at or before it are not looked at,
  // whatever they say. So are rows whose label was not known by `as_of`.
  TimeMs seen_to = 0, as_of = 0;
  std::uint64_t seed = 1;
  int repeats = 5;                // at least 1
  std::size_t rows_min = 200;     // with fewer there is no answer
  std::size_t rows_max = 20'000;  // the newest so many; at least rows_min
  ProgressSink progress;          // in columns × repeats
  // Asked before each repeat, as every so many milliseconds; where it says so the answer is `cancelled`.
  std::function<bool()> cancelled = {};
};

struct PermutationImportance {
  struct Column {
    std::string name;
    // How much is lost: the rise of the mean log loss, the fall of the accuracy. Means over the repeats, with
    // their standard deviations (0 of one repeat). Below 0: it did better without.
    double log_loss = 0, log_loss_deviation = 0;
    double accuracy = 0, accuracy_deviation = 0;
  };
  std::vector<Column> columns;        // in the model's order; empty where there are too few rows
  double log_loss = 0, accuracy = 0;  // of the rows as they are
  RowRange rows;                      // that were used
  std::int64_t unseen = 0;            // that could have been; more than `rows` where there are too many
  std::int64_t missing = 0;           // rows that are lacking; 0 where there are enough
  std::uint64_t seed = 0;
  int repeats = 0;
};

// Deterministic: the same rows and seed give the same bits, and each column's are its own, whatever stands
// beside it. Log loss and accuracy are those of judging/metrics.h. conflict where the model reads another
// number of columns or answers other classes than the rows have; invalid_argument where repeats or bounds
// cannot be.
Result<PermutationImportance> permutation_importance(const PermutationRequest& request);

}  // namespace pawl::contest
