// Which rows may be trained on when others are tested on: purged by the time a label is known, embargoed
// after the test (López de Prado 2018, chapter 7). Times, never row counts.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/time.h"

namespace pawl::judging {

// When a row's features were known, and when its label was.
struct RowTimes {
  TimeMs known_at = 0;
  TimeMs label_known_at = 0;
};

struct Fold {
  std::vector<std::size_t> train, test;  // row indices, increasing
};

// True where a row may be trained on beside a test on [test_from, test_to]: its label was known before the
// test began, or its features are later than the last test label plus the embargo.
bool may_train(const RowTimes& row, TimeMs test_from, TimeMs test_label_end, DurationMs embargo);

enum class WalkForward { anchored, rolling };

// `folds` consecutive test blocks of (nearly) equal size over the second part of the rows; each is trained on
// rows before it only, purged and embargoed: label known before the test's start, and at or before test
// start − embargo. The first training set is as large as a test block before purging. Rolling keeps the
// training set's length in rows at the first's. Empty where there are too few rows for every fold to have
// both. `rows` are in order of known_at.
std::vector<Fold> walk_forward(std::span<const RowTimes> rows, std::size_t folds, WalkForward form,
                               DurationMs embargo);

// k-fold, purged on both sides and embargoed after the test (AFML 7.4), each fold tested once. Empty where
// some fold would have nothing to train on. `rows` are in order of known_at.
std::vector<Fold> purged_k_fold(std::span<const RowTimes> rows, std::size_t folds, DurationMs embargo);

// One split of combinatorial purged cross-validation.
struct CombinatorialFold {
  std::vector<std::size_t> groups;  // tested, increasing
  Fold rows;
};

// CPCV (AFML chapter 12): the rows in `groups` consecutive groups of (nearly) equal size, every choice of
// `test_groups` of them tested once and trained on the others, purged on both sides of each tested group and
// embargoed after it. C(groups, test_groups) folds, in lexical order of their groups. Empty where some fold
// would have nothing to train on. 1 ≤ test_groups < groups; `rows` are in order of known_at.
std::vector<CombinatorialFold> combinatorial_purged(std::span<const RowTimes> rows, std::size_t groups,
                                                    std::size_t test_groups, DurationMs embargo);

// Where group `index` begins in so many rows, and where the last one ends for `index` = `groups`.
std::size_t group_start(std::size_t rows, std::size_t groups, std::size_t index);

}  // namespace pawl::judging
