// Why a logged prediction came out as it did, and what a version goes by: everything made again from what the
// store holds, as an audit does, and nothing written.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "contest/permutation.h"
#include "models/explanation.h"
#include "recipe/recipe.h"
#include "registry/registry.h"
#include "store/store.h"

namespace pawl::loop {

struct PredictionExplanation {
  Prediction logged;  // of a trade filter: its answer to a trade's signal, with the trade's number
  // What came out differently than was logged, in a sentence; empty: bit for bit the same.
  std::string difference;
  std::optional<Outcome> outcome;
  std::string model_kind, artifact;   // "xgboost", "serving"
  std::vector<std::string> features;  // in column order
  std::vector<double> row;
  std::vector<std::string> classes;   // "DOWN", "UP", or as the label has them
  std::vector<double> probabilities;  // of each class, as served
  // What the model said before they were mapped, which is what contributions add up to; the same where
  // nothing maps them.
  std::vector<double> uncalibrated;
  models::Contributions contributions;
  std::optional<models::SumCheck> check;  // nothing where a rule spoke

  // The class whose score contributions are ranked by: UP of two, else the likeliest.
  std::size_t ranked_score() const;
  // Columns by |contribution| to that score, the largest first.
  std::vector<std::size_t> ranked_columns() const;
};
// Features first that weigh most.
Json to_json(const PredictionExplanation& explanation);

// not_found where no such prediction is stored, or its bar is not; conflict where the recipe has no such
// line; corrupt where the version does not load or its features no longer mean what they did.
Result<PredictionExplanation> explain_prediction(const recipe::Recipe& recipe, store::Store& store,
                                                 registry::Registry& registry, std::int64_t id);
// The number of the newest prediction of a line (of a trade filter: of the newest trade); of one symbol where
// it is named (canonical; a pooled line has several). not_found where there is none.
Result<std::int64_t> newest_prediction(const recipe::Recipe& recipe, store::Store& store, const LineId& line,
                                       std::string_view symbol);

struct PermutationOptions {
  int repeats = 5;
  std::size_t rows_max = 20'000;
  ProgressSink progress = {};
  std::function<bool()> cancelled = {};  // as in contest::PermutationRequest
};

// What a version's own training says it goes by, and what rows that it never saw say.
struct VersionImportance {
  LineId line;
  VersionNumber number;
  std::string model_kind, artifact;  // of what answers: "serving", or "judged" where there is no other
  models::Importance importance;     // of that one
  // Of the judged one, which has never seen the rows that versions are judged by.
  std::optional<contest::PermutationImportance> permutation;
  TimeMs seen_to = 0;   // what the judged one knew, the embargo added; rows begin after it
  std::string too_few;  // why there is no permutation importance though it was asked for
};
Json to_json(const VersionImportance& importance);

// Without permutation importance: what was recorded. corrupt where the version does not load.
Result<VersionImportance> importance_of_version(registry::Registry& registry, const LineId& line,
                                                VersionNumber number);
// Adds permutation importance over the stored rows later than the version's knowledge, with the recipe's
// seed; takes a microsecond or two for each row, column and repeat. conflict where the recipe has no such
// line, or another label than the version was trained on.
Status add_permutation(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry,
                       const PermutationOptions& options, VersionImportance& importance);

}  // namespace pawl::loop
