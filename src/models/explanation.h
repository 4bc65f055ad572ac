// Why a model says what it says: what it goes by as a whole, and what made one answer. Values only; each kind
// of model fills them from the bytes of a trained one (model_kind.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace pawl::models {

// What a trained model goes by, column by column, as the training itself tells it: rows are not asked.
struct Importance {
  struct Column {
    std::string name;
    double share = 0;  // of the whole: the columns of a model that goes by anything sum to 1
    // Of trees; 0 elsewhere: how many splits ask for the column, and its share of what all splits gained
    // together (`share` goes by the mean gain of a split).
    std::int64_t splits = 0;
    double total_share = 0;
  };
  // "gain": mean gain of the splits on a column (trees). "weight_spread": |weight| × spread of the column in
  // training (logistic). "none": the kind learns nothing, and there are no columns.
  std::string kind = "none";
  std::vector<Column> columns;  // in the model's own order
};
// Why there is none, for people; empty where there is some.
std::string_view why_no_importance(const Importance& importance);

Json to_json(const Importance& importance);
// corrupt where it is not what to_json() wrote.
Result<Importance> importance_from_json(const Json& json);

// What made one answer: what each column added to the log-odds of each class.
//
// A model of two classes has one score, the log-odds of class 1; one of three has a score each, of which only
// the differences matter. Bias and contributions of a score add up to it. Where a kind has no scores to add
// up to (`bias` is empty), `rule` says in words which rule spoke.
struct Contributions {
  std::vector<double> bias;       // of each score: what it is before any column is looked at
  std::vector<double> by_column;  // scores × columns
  std::string rule;

  std::size_t scores() const { return bias.size(); }
  std::span<const double> of_score(std::size_t score) const {
    const std::size_t columns = by_column.size() / bias.size();
    return std::span(by_column).subspan(score * columns, columns);
  }
  // Bias and contributions added up.
  double sum(std::size_t score) const;
};

// Whether the contributions explain those probabilities and no others.
struct SumCheck {
  // The largest difference between a log-odds that they add up to and the one that the probabilities say
  // (with three classes: between centred logarithms). Infinite where a probability is 0.
  double gap = 0;
  // The probabilities that the sums give are those, as far as 1e-5 of log-odds goes and the last digit of a
  // probability, which near 0 or 1 weighs more than that.
  bool holds = false;
};
SumCheck check_sum(const Contributions& contributions, std::span<const double> probabilities);

}  // namespace pawl::models
