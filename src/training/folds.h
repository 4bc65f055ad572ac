// Trainings on folds of a job's own rows: what its walk-forward, its search and its leak check are made of.
// Private to the room.
#pragma once

#include <vector>

#include "models/model_kind.h"
#include "training/prepared.h"

namespace pawl::training {

// A fold to run with these settings; both outlive the run.
struct FoldTask {
  const Settings* settings;
  const judging::Fold* fold;
  // Where in fold->test its parts end, increasing: each is scored by itself. Empty: one part, all of it.
  std::vector<std::size_t> part_ends = {};
};

// The reports of each task's parts, in the order given; each task on a thread of its own as far as there are
// any. Progress counts tasks, and is told at every round of every one: a long fold is not taken for a hung
// one. `before` tasks of `all` were run already.
struct FoldCount {
  std::size_t before = 0, all = 0;
};
Result<std::vector<std::vector<FoldReport>>> run_folds(const Job& job, const Prepared& prepared,
                                                       const models::ModelKind& kind,
                                                       std::span<const FoldTask> tasks, FoldCount count,
                                                       int threads, const ProgressSink& progress);

// `count` anchored walk-forward folds, purged and embargoed; insufficient_data where rows are too few.
Result<std::vector<judging::Fold>> walk_forward_folds(const Job& job, const Rows& rows, int count);

// The same sink, told which stage it hears of.
ProgressSink of_stage(const ProgressSink& progress, std::string_view stage);

}  // namespace pawl::training
