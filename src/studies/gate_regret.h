// What deciding by a gate costs, on markets whose truth is known: the after-cost return that a policy which
// knows the truth would have had with the very same models, less the policy's own. Promoting a worse model
// costs, and so does keeping a stale one; nothing else says both in one number (docs/regret.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/progress.h"
#include "base/result.h"
#include "market/sources/simulated.h"

namespace pawl::studies {

// When the models are trained, and on what.
struct Retraining {
  std::string schedule = "0 2 * * 0";  // cron, UTC: Sunday at two, as the forex recipe has it
  std::int64_t window_days = 90;       // what a model is trained and judged on
  std::int64_t judged_days = 30;       // the newest of them, on which it is judged
};

struct RegretOptions {
  std::size_t seeds = 50;  // of each market
  std::int64_t bars = 30'000;
  Retraining retraining;
  std::uint64_t seed = 1;
  int threads = 1;
};

// A market that regret is measured on; `settings.seed` and `settings.bars` are filled in.
struct RegretMarket {
  std::string name;  // "slow drift"
  market::SimulatedSettings settings;
};
// Stationary, slow drift, sharp flips, noise only.
const std::vector<RegretMarket>& regret_markets();

// What one policy lost on one market, seed by seed, in percent of the capital a year; and how.
struct PolicyRegret {
  std::string policy, form;
  std::string market;           // empty: the mean over all markets
  std::vector<double> by_seed;  // of the whole set: seed i of every market together
  double mean = 0;
  double low = 0, high = 0;  // 95 % of the mean, by Student's t over the seeds
  double promotions = 0;     // a seed
  double earned = 0;         // percent a year, by the truth
};

struct RegretStudy {
  std::vector<PolicyRegret> rows;  // by policy, then market, the whole set last
  // Of each policy against the default claim, over the whole set: its regret less the default's, with its
  // interval.
  struct Difference {
    std::string policy, form;
    double mean = 0, low = 0, high = 0;
  };
  std::vector<Difference> against_default;
  std::string default_claim;
  std::int64_t trainings_done = 0, trainings_asked = 0;
  std::size_t seeds = 0;
  std::int64_t bars = 0;
  Retraining retraining;
};
Json to_json(const RegretStudy& study);
// A study as it was written; bad_data where it is none.
Result<RegretStudy> regret_study_from_json(const Json& json);

// Every policy of gate_forms() on every market. One recipe: logistic, a calendar trigger, no auto_training.
// The trainings are shared between the policies. Deterministic at any number of threads.
Result<RegretStudy> measure_regret(const RegretOptions& options, const ProgressSink& progress);

}  // namespace pawl::studies
