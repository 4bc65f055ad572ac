#include "judging/splits.h"

#include <algorithm>
#include <cassert>

namespace pawl::judging {
namespace {

[[maybe_unused]] bool in_time_order(std::span<const RowTimes> rows) {
  return std::ranges::is_sorted(rows, {}, &RowTimes::known_at);
}

// Where block `index` of `count` nearly equal ones begins.
std::size_t block_start(std::size_t rows, std::size_t index, std::size_t count) {
  return rows * index / count;
}

std::vector<std::size_t> row_range(std::size_t first, std::size_t last) {
  std::vector<std::size_t> range;
  range.reserve(last - first);
  for (std::size_t i = first; i < last; ++i) range.push_back(i);
  return range;
}

}  // namespace

bool may_train(const RowTimes& row, TimeMs test_from, TimeMs test_label_end, DurationMs embargo) {
  return row.label_known_at < test_from || row.known_at > test_label_end + embargo;
}

std::vector<Fold> walk_forward(std::span<const RowTimes> rows, std::size_t folds, WalkForward form,
                               DurationMs embargo) {
  assert(in_time_order(rows) && embargo >= 0);
  const std::size_t blocks = folds + 1;
  if (folds == 0 || rows.size() < blocks) return {};

  std::vector<Fold> result;
  std::size_t first_length = 0;
  for (std::size_t fold = 1; fold <= folds; ++fold) {
    const std::size_t test_first = block_start(rows.size(), fold, blocks);
    const std::size_t test_last = block_start(rows.size(), fold + 1, blocks);
    const TimeMs test_from = rows[test_first].known_at;
    Fold& made = result.emplace_back();
    made.test = row_range(test_first, test_last);
    for (std::size_t i = 0; i < test_first; ++i) {
      const TimeMs label_end = rows[i].label_known_at;
      if (label_end < test_from && label_end <= test_from - embargo) made.train.push_back(i);
    }
    if (made.train.empty()) return {};
    if (fold == 1) first_length = made.train.size();
    if (form == WalkForward::rolling) {
      // Never shorter than the first: what was known early enough then is early enough now.
      made.train.erase(made.train.begin(), made.train.end() - static_cast<std::ptrdiff_t>(first_length));
    }
  }
  return result;
}

std::vector<Fold> purged_k_fold(std::span<const RowTimes> rows, std::size_t folds, DurationMs embargo) {
  assert(in_time_order(rows) && embargo >= 0);
  if (folds < 2 || rows.size() < folds) return {};

  std::vector<Fold> result;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const std::size_t test_first = block_start(rows.size(), fold, folds);
    const std::size_t test_last = block_start(rows.size(), fold + 1, folds);
    // Horizons vary, so the last label to be known need not be the last row's.
    TimeMs label_end = rows[test_first].label_known_at;
    for (std::size_t i = test_first; i < test_last; ++i)
      label_end = std::max(label_end, rows[i].label_known_at);

    Fold& made = result.emplace_back();
    made.test = row_range(test_first, test_last);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool tested = i >= test_first && i < test_last;
      if (!tested && may_train(rows[i], rows[test_first].known_at, label_end, embargo))
        made.train.push_back(i);
    }
    if (made.train.empty()) return {};
  }
  return result;
}

}  // namespace pawl::judging
