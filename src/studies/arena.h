// Many policies over the same bars, at hardly more than the cost of one: features are followed once, each
// training is done once and shared, each model is asked about a bar once. What comes out is, policy by
// policy, what a replay of its recipe would have decided; tests/studies/arena_test.cc holds it to that.
//
//   auto arena = Arena::open(std::move(policies), bars, {.threads = 2});
//   if (Status run = (*arena)->run({}); !run) ...
//   for (const PolicyHistory& policy : (*arena)->histories()) ...
//
// Some things of a replay are left out, for nobody decides by them: the walk-forward folds of a run, how the
// rows of a training lay, what is written to a store, and the refit of a challenger that was kept
// (shadow.refit_kept, with which a replay under `sound` fits every one of them to the present): seconds of
// training here are without it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "studies/walk.h"

namespace pawl::studies {

// A way of deciding, as a whole recipe. Those of one comparison may differ in gate, shadow, triggers,
// auto_training, validation, training, calibration, features, model, seed and group; everything else that
// they decide by is the same for all.
struct Policy {
  std::string name;
  recipe::Recipe recipe;
};
// bad_config where policies cannot be compared, or not here: with the policy, the key, and what to do.
Status check_comparable(const std::vector<Policy>& policies);

struct ArenaOptions {
  int threads = 1;  // never changes what comes out
  // Bars that close before this are history only: nothing is predicted or triggered by them.
  std::optional<TimeMs> begin_at = {};
};

class Arena {
 public:
  // `series` are the bars of the recipe's symbols with its outside series joined; a market without bars takes
  // part as in a replay. The kinds of `policies` are made, features and labels worked out.
  static Result<std::unique_ptr<Arena>> open(std::vector<Policy> policies,
                                             const std::vector<BarSeries>& series,
                                             const ArenaOptions& options);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Leads all policies over all bars, once. `progress` counts batches of bars times policies.
  Status run(const ProgressSink& progress);

  // By policy, in the order given; after run().
  const std::vector<PolicyHistory>& histories() const { return histories_; }
  const std::vector<Policy>& policies() const { return policies_; }
  const std::vector<std::unique_ptr<Market>>& markets() const { return markets_; }
  const Timeline& timeline() const { return timeline_; }

  struct Costs {
    Trainings::Counts trainings;
    std::int64_t contests = 0;  // that were weighed; equal ones are weighed once
    double ready_seconds = 0;   // of one processor: features, labels, moves
    double walk_seconds = 0;    // of one processor: all policies together, without trainings
  };
  Costs costs() const;

  // What a model's signals would have come to if it alone had predicted from bar `first` of its market on,
  // until bar `last` (not included), from no position. Entry i is of the signal at bar first + i: the
  // position held from the open of the next bar to the open after it, and the return of that bar after costs,
  // known at the close of bar first + i + 2. Ends before the first bar whose fills are not known. Safe from
  // any thread.
  struct Path {
    std::vector<double> position, value;
  };
  static Path path_of(const AskedModel& model, std::size_t first, std::size_t last);

 private:
  explicit Arena(std::vector<Policy> policies, const ArenaOptions& options);
  Status make_markets(const std::vector<BarSeries>& series);
  class Stage;

  std::vector<Policy> policies_;
  ArenaOptions options_;
  std::unique_ptr<labels::Labeller> labeller_;
  std::vector<std::unique_ptr<Market>> markets_;
  std::vector<ModelHandle> baselines_;
  Timeline timeline_;
  Trainings trainings_;
  Contests contests_;
  std::unique_ptr<Shared> shared_;
  std::vector<PolicyHistory> histories_;
  double ready_seconds_ = 0;
};

}  // namespace pawl::studies
