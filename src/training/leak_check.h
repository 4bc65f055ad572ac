// The third leak detector: labels are shuffled in blocks, so that nothing is left to learn,
// and a model is trained as ever (with a calibration's rows held out, where the job has one) and tested on
// the folds of the search, before any map. Its area under the ROC curve out of sample is ½ but for chance;
// where it is not, a test row's label has reached the training or the scoring. What a feature or a label
// knows too early is not seen here: that is the future test's part. Private to the room.
#pragma once

#include <vector>

#include "training/folds.h"

namespace pawl::training {

struct LeakCheck {
  int repetitions = 0;    // with both classes among their test rows
  double auc_mean = 0.5;  // out of sample
  double sigma = 0;       // of that mean: from the repetitions, at least that of chance on independent rows
  double limit = 0;       // what 3 sigma is with so few repetitions (Student's t of the same coverage)
  bool pass = true;       // |auc_mean − ½| ≤ limit; fewer than three repetitions say nothing and pass
  Json to_json() const;
};

// The classes with their blocks in another order, none where it was. A block is several labels long, so that
// neighbours still share their labels' bars; where blocks begin is drawn too. Fewer than two blocks of rows
// cannot be shuffled: as they were.
std::vector<int> shuffled_in_blocks(std::span<const int> classes, std::span<const judging::RowTimes> times,
                                    std::uint64_t seed);

// Repetition r is trained and tested on fold r, or fold 0 after the last. AUC of the last class against the
// others. Chance alone is beyond 3 sigma once in 370 checks, too often for what ends a run: a check that does
// not pass is made once more with other shuffles, and what is returned is the second (of 150 honest jobs one
// was asked again, and none raised the alarm). Progress counts repetitions, and is told at every round.
// Deterministic at any thread count; `folds` not empty.
Result<LeakCheck> check_leaks(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                              const Settings& settings, std::span<const judging::Fold> folds, int threads,
                              const ProgressSink& progress);

// The failure of a run whose check did not pass.
Status alarm_of(const LeakCheck& check);

}  // namespace pawl::training
