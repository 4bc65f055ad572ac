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

std::size_t group_start(std::size_t rows, std::size_t groups, std::size_t index) {
  assert(index <= groups && groups > 0);
  return block_start(rows, index, groups);
}

std::vector<CombinatorialFold> combinatorial_purged(std::span<const RowTimes> rows, std::size_t groups,
                                                    std::size_t test_groups, DurationMs embargo) {
  assert(in_time_order(rows) && embargo >= 0 && test_groups >= 1 && test_groups < groups);
  if (rows.size() < groups) return {};

  struct Span {
    TimeMs from = 0, label_end = 0;
  };
  std::vector<Span> spans(groups);
  std::vector<std::size_t> group_of(rows.size());
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t first = block_start(rows.size(), group, groups);
    spans[group] = {rows[first].known_at, rows[first].label_known_at};
    for (std::size_t i = first; i < block_start(rows.size(), group + 1, groups); ++i) {
      group_of[i] = group;
      spans[group].label_end = std::max(spans[group].label_end, rows[i].label_known_at);
    }
  }

  std::vector<CombinatorialFold> folds;
  std::vector<std::size_t> tested(test_groups);
  for (std::size_t i = 0; i < test_groups; ++i) tested[i] = i;
  while (true) {
    CombinatorialFold& made = folds.emplace_back();
    made.groups = tested;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (std::ranges::binary_search(tested, group_of[i])) {
        made.rows.test.push_back(i);
      } else if (std::ranges::all_of(tested, [&](std::size_t group) {
                   return may_train(rows[i], spans[group].from, spans[group].label_end, embargo);
                 })) {
        made.rows.train.push_back(i);
      }
    }
    if (made.rows.train.empty()) return {};
    // The next choice in lexical order: the last group that can still move up, and those after it behind it.
    std::size_t at = test_groups;
    while (at > 0 && tested[at - 1] == groups - test_groups + at - 1) --at;
    if (at == 0) return folds;
    ++tested[at - 1];
    for (std::size_t i = at; i < test_groups; ++i) tested[i] = tested[i - 1] + 1;
  }
}

}  // namespace pawl::judging
