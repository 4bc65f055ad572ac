// The search of a full retrain: which settings are fitted. Every trial is counted and told, because what a
// search finds is worth the less the more it tried. Private to the room.
#pragma once

#include <vector>

#include "training/folds.h"

namespace pawl::training {

// A split that trials are scored on, in parts that are scored by themselves.
struct SearchSplit {
  judging::Fold rows;
  std::vector<std::size_t> groups;     // of the rows, one to a part
  std::vector<std::size_t> part_ends;  // as FoldTask has them
};

// The splits in the order in which they are used: of any beginning, each group of rows is tested as often as
// any other, as nearly as can be; which go first is drawn by the job's seed. insufficient_data where the rows
// are too few.
Result<std::vector<SearchSplit>> search_splits(const Job& job, const Rows& rows);
std::vector<judging::Fold> folds_of(const std::vector<SearchSplit>& splits);

// How many of the splits each rung scores, increasing; the last is all of them. The first is as many as test
// every group once, so that every trial has a score on every group.
std::vector<std::size_t> rung_splits(const std::vector<SearchSplit>& splits, int halving);

struct Found {
  Json settings;
  // {"search": [{"settings", "log_loss", "sharpe", "rung", "splits", "chosen"} of every trial],
  //  "overfitting": {"probability", "median_logit", "configurations", "groups", "halves", "why"}}
  // log_loss and sharpe are means over the parts of the splits that the trial was scored on. The probability
  // of overfitting is that of choosing among all configurations by their log-loss on the groups of the first
  // rung; null, with why, for fewer than ten of them.
  Json report;
};

// Deterministic at any thread count. The trial of least mean log-loss among those scored on all splits; the
// job's own settings where none is better. `progress` counts trainings.
Result<Found> search(const Job& job, const Prepared& prepared, const models::ModelKind& kind, int threads,
                     const ProgressSink& progress);

}  // namespace pawl::training
