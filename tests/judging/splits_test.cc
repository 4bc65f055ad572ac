#include "judging/splits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace pawl::judging {
namespace {

using Indices = std::vector<std::size_t>;

// Rows one apart whose labels take `horizon`.
std::vector<RowTimes> evenly(std::size_t count, TimeMs horizon) {
  std::vector<RowTimes> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto time = static_cast<TimeMs>(i);
    rows.push_back({time, time + horizon});
  }
  return rows;
}

TEST(MayTrain, BeforeTheTestItIsTheLabelThatMustBeKnown) {
  EXPECT_TRUE(may_train({10, 19}, 20, 30, 0));
  EXPECT_FALSE(may_train({10, 20}, 20, 30, 0)) << "known with the first test row is not before it";
  EXPECT_FALSE(may_train({10, 25}, 20, 30, 0));
  EXPECT_FALSE(may_train({10, 99}, 20, 30, 0)) << "an interval that spans the test overlaps it";
}

TEST(MayTrain, AfterTheTestItIsTheFeaturesThatMustBeLaterByTheEmbargo) {
  EXPECT_FALSE(may_train({30, 40}, 20, 30, 0));
  EXPECT_TRUE(may_train({31, 40}, 20, 30, 0));
  EXPECT_FALSE(may_train({35, 40}, 20, 30, 5));
  EXPECT_TRUE(may_train({36, 40}, 20, 30, 5));
}

// gates.md §3: 12 rows in 3 groups, two of them tested, labels of one row's length.
TEST(CombinatorialPurged, IsThePublishedExample) {
  const auto folds = combinatorial_purged(evenly(12, 1), 3, 2, 0);
  ASSERT_EQ(folds.size(), 3u);
  EXPECT_EQ(folds[0].groups, (Indices{0, 1}));
  EXPECT_EQ(folds[0].rows.test, (Indices{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(folds[0].rows.train, (Indices{9, 10, 11}));
  EXPECT_EQ(folds[1].groups, (Indices{0, 2}));
  EXPECT_EQ(folds[1].rows.train, (Indices{5, 6}));
  EXPECT_EQ(folds[2].groups, (Indices{1, 2}));
  EXPECT_EQ(folds[2].rows.train, (Indices{0, 1, 2}));
}

// The backtests that the folds make, put together from their answers: each path answers for every group once,
// [path][group] → the fold that does. There are C(groups, tested) · tested / groups of them.
std::vector<Indices> paths_of(const std::vector<CombinatorialFold>& folds, std::size_t groups) {
  std::vector<Indices> answering(groups);
  for (std::size_t fold = 0; fold < folds.size(); ++fold) {
    for (const std::size_t group : folds[fold].groups) answering[group].push_back(fold);
  }
  std::vector<Indices> paths(answering[0].size());
  for (std::size_t path = 0; path < paths.size(); ++path) {
    for (const Indices& of_group : answering) paths[path].push_back(of_group.at(path));
  }
  return paths;
}

TEST(CombinatorialPurged, OfSixGroupsAndTwoTestedHasFifteenSplitsAndFivePaths) {
  const auto folds = combinatorial_purged(evenly(120, 3), 6, 2, 2);
  ASSERT_EQ(folds.size(), 15u);
  const auto paths = paths_of(folds, 6);
  ASSERT_EQ(paths.size(), 5u);
  std::vector<int> used(15);
  for (const Indices& path : paths) {
    ASSERT_EQ(path.size(), 6u);
    for (std::size_t group = 0; group < 6; ++group) {
      EXPECT_TRUE(std::ranges::count(folds[path[group]].groups, group) == 1) << "it answers for that group";
      ++used[path[group]];
    }
  }
  for (const int uses : used) EXPECT_EQ(uses, 2) << "once for each group that it tests";
}

TEST(CombinatorialPurged, WithOneTestedGroupIsPurgedKFold) {
  std::vector<RowTimes> rows = evenly(50, 2);
  rows[13].label_known_at = 31;
  const auto folds = combinatorial_purged(rows, 5, 1, 3);
  const auto plain = purged_k_fold(rows, 5, 3);
  ASSERT_EQ(folds.size(), plain.size());
  for (std::size_t i = 0; i < folds.size(); ++i) {
    EXPECT_EQ(folds[i].rows.train, plain[i].train);
    EXPECT_EQ(folds[i].rows.test, plain[i].test);
  }
  EXPECT_EQ(paths_of(folds, 5), (std::vector<Indices>{{0, 1, 2, 3, 4}}));
}

TEST(CombinatorialPurged, IsEmptyWhereAFoldWouldHaveNothingToTrainOn) {
  EXPECT_TRUE(combinatorial_purged(evenly(5, 1), 6, 2, 0).empty());
  EXPECT_TRUE(combinatorial_purged(evenly(12, 4), 3, 2, 0).empty());
  EXPECT_EQ(group_start(12, 5, 5), 12u);
}

TEST(WalkForward, TestsConsecutiveBlocksAndTrainsOnWhatWasKnownBefore) {
  const auto folds = walk_forward(evenly(12, 2), 3, WalkForward::anchored, 0);
  ASSERT_EQ(folds.size(), 3u);
  EXPECT_EQ(folds[0].train, (Indices{0})) << "labels of rows 1 and 2 are known at 3 and 4";
  EXPECT_EQ(folds[0].test, (Indices{3, 4, 5}));
  EXPECT_EQ(folds[1].train, (Indices{0, 1, 2, 3}));
  EXPECT_EQ(folds[1].test, (Indices{6, 7, 8}));
  EXPECT_EQ(folds[2].train, (Indices{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(folds[2].test, (Indices{9, 10, 11}));
}

TEST(WalkForward, TheEmbargoIsATimeBeforeTheTest) {
  const auto folds = walk_forward(evenly(20, 1), 1, WalkForward::anchored, 4);
  ASSERT_EQ(folds.size(), 1u);
  EXPECT_EQ(folds[0].test.front(), 10u);
  EXPECT_EQ(folds[0].train.back(), 5u) << "its label is known at 6 = 10 − 4";
}

TEST(WalkForward, RollingKeepsTheLengthOfTheFirst) {
  const auto folds = walk_forward(evenly(40, 1), 3, WalkForward::rolling, 0);
  ASSERT_EQ(folds.size(), 3u);
  for (const Fold& fold : folds) EXPECT_EQ(fold.train.size(), 9u);
  EXPECT_EQ(folds[2].train.front(), 20u);
  EXPECT_EQ(folds[2].train.back(), 28u);
}

TEST(WalkForward, BlocksOfUnevenRowsDifferByOneAtMost) {
  const auto folds = walk_forward(evenly(103, 1), 4, WalkForward::anchored, 0);
  ASSERT_EQ(folds.size(), 4u);
  for (const Fold& fold : folds) EXPECT_TRUE(fold.test.size() == 20 || fold.test.size() == 21);
  EXPECT_EQ(folds.back().test.back(), 102u) << "the newest row is tested";
}

TEST(WalkForward, IsEmptyWhereAFoldWouldHaveNothing) {
  EXPECT_TRUE(walk_forward({}, 3, WalkForward::anchored, 0).empty());
  EXPECT_TRUE(walk_forward(evenly(3, 1), 3, WalkForward::anchored, 0).empty());
  EXPECT_TRUE(walk_forward(evenly(12, 5), 3, WalkForward::anchored, 0).empty()) << "all of fold 1 is purged";
  EXPECT_TRUE(walk_forward(evenly(12, 1), 0, WalkForward::anchored, 0).empty());
}

TEST(PurgedKFold, PurgesOnBothSidesAndEmbargoesAfter) {
  const auto folds = purged_k_fold(evenly(12, 1), 3, 1);
  ASSERT_EQ(folds.size(), 3u);
  EXPECT_EQ(folds[1].test, (Indices{4, 5, 6, 7}));
  EXPECT_EQ(folds[1].train, (Indices{0, 1, 2, 10, 11})) << "3 purged before; 8 purged and 9 embargoed after";
}

TEST(PurgedKFold, GoesByTheLatestLabelOfTheTestNotByItsLastRow) {
  auto rows = evenly(12, 1);
  rows[4].label_known_at = 10;  // the first test row of the middle fold waits longest
  const auto folds = purged_k_fold(rows, 3, 0);
  EXPECT_EQ(folds[1].train, (Indices{0, 1, 2, 11}));
}

TEST(PurgedKFold, IsEmptyWhereAFoldWouldHaveNothingToTrainOn) {
  EXPECT_TRUE(purged_k_fold(evenly(12, 1), 1, 0).empty());
  EXPECT_TRUE(purged_k_fold(evenly(2, 1), 3, 0).empty());
  EXPECT_TRUE(purged_k_fold(evenly(6, 6), 2, 0).empty());
}

// The property that matters, with horizons of every length and rows that share an instant: no interval from
// features to label of a training row meets one of a test row, and the embargo holds.
TEST(EverySplit, NoTrainingLabelOverlapsATestLabel) {
  int folds_seen = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    std::vector<RowTimes> rows;
    TimeMs time = 1000;
    for (int i = 0; i < 160; ++i) {
      time += static_cast<TimeMs>(random.below(4));
      rows.push_back({time, time + 1 + static_cast<TimeMs>(random.below(12))});
    }
    const auto embargo = static_cast<DurationMs>(random.below(6));
    const auto check = [&](const std::vector<Fold>& folds, bool only_before) {
      ASSERT_FALSE(folds.empty());
      for (const Fold& fold : folds) {
        ++folds_seen;
        ASSERT_FALSE(fold.train.empty());
        ASSERT_TRUE(std::ranges::is_sorted(fold.train));
        for (const std::size_t train : fold.train) {
          for (const std::size_t test : fold.test) {
            const RowTimes &a = rows[train], &b = rows[test];
            ASSERT_TRUE(a.label_known_at < b.known_at || a.known_at > b.label_known_at + embargo);
            if (only_before) {
              ASSERT_LE(a.label_known_at, b.known_at - embargo);
            }
          }
        }
      }
    };
    check(walk_forward(rows, 5, WalkForward::anchored, embargo), true);
    check(walk_forward(rows, 5, WalkForward::rolling, embargo), true);
    check(purged_k_fold(rows, 5, embargo), false);
    std::vector<Fold> combined;
    for (const CombinatorialFold& fold : combinatorial_purged(rows, 5, 2, embargo))
      combined.push_back(fold.rows);
    check(combined, false);
  }
  EXPECT_EQ(folds_seen, 40 * 25);
}

// Purging too much would be safe and useless: every row left out must have a reason.
TEST(EverySplit, LeavesNoRowOutWithoutAReason) {
  Random random(99);
  std::vector<RowTimes> rows;
  for (TimeMs time = 0; time < 200; ++time) {
    rows.push_back({time, time + 1 + static_cast<TimeMs>(random.below(9))});
  }
  for (const Fold& fold : purged_k_fold(rows, 4, 3)) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (std::ranges::binary_search(fold.train, i) || std::ranges::binary_search(fold.test, i)) continue;
      const bool overlaps = std::ranges::any_of(fold.test, [&](std::size_t test) {
        return rows[i].label_known_at >= rows[fold.test.front()].known_at &&
               rows[i].known_at <= rows[test].label_known_at + 3;
      });
      EXPECT_TRUE(overlaps) << i;
    }
  }
}

}  // namespace
}  // namespace pawl::judging
