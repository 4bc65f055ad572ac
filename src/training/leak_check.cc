#include "training/leak_check.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <mutex>
#include <numeric>

#include "base/parallel.h"
#include "base/random.h"
#include "judging/metrics.h"
#include "stats/paired_tests.h"
#include "training/fit_rows.h"

namespace pawl::training {

namespace {

constexpr std::uint64_t kShuffleStream = 0x1ea4;
constexpr double kThreeSigmas = 0.9973;  // their coverage
constexpr int kRepetitionsMin = 3;

// Four labels long, but no fewer than eight and no more than some fifty blocks.
std::size_t block_length(std::span<const judging::RowTimes> times) {
  std::size_t overlapping = 0;
  for (std::size_t i = 0, end = 0; i < times.size(); ++i) {
    while (end < times.size() && times[end].known_at < times[i].label_known_at) ++end;
    overlapping = std::max(overlapping, end > i ? end - i : 0);
  }
  const std::size_t rows = times.size();
  return std::clamp(4 * overlapping, rows / 50 + 1, std::max(rows / 8, rows / 50 + 1));
}

struct Repetition {
  std::optional<double> auc;
  double sigma = 0;  // of chance on so many independent rows (Hanley, McNeil 1982, at ½)
};

Result<Repetition> repeat(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                          const Settings& settings, const judging::Fold& fold, std::uint64_t seed,
                          int threads, const ProgressSink& progress) {
  const Rows& rows = prepared.rows;
  const std::vector<int> classes = shuffled_in_blocks(rows.classes, rows.times, seed);
  auto fitted = fit_rows(job, prepared, kind, settings, classes, fold.train, threads, progress);
  if (!fitted) return propagate(fitted);
  // Asked before its map: where nothing can be learnt a map is flat, and its ties would hide what leaked.
  auto answers = answers_of(kind, fitted->trained.bytes, Json(), rows, fold.test);
  if (!answers) return propagate(answers);
  const std::size_t width = answers->size() / fold.test.size();
  std::vector<double> scores;
  std::vector<int> positives;
  for (std::size_t i = 0; i < fold.test.size(); ++i) {
    scores.push_back((*answers)[i * width + width - 1]);
    positives.push_back(classes[fold.test[i]] == prepared.classes - 1 ? 1 : 0);
  }
  Repetition made{.auc = judging::roc_auc(scores, positives)};
  if (made.auc) {
    const double up = std::accumulate(positives.begin(), positives.end(), 0.0);
    const double down = static_cast<double>(positives.size()) - up;
    made.sigma = std::sqrt((up + down + 1) / (12 * up * down));
  }
  return made;
}

// Repetitions [first, first + count).
Result<LeakCheck> check_once(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                             const Settings& settings, std::span<const judging::Fold> folds,
                             std::size_t first, std::size_t count, int threads,
                             const ProgressSink& progress) {
  const int at_once = std::min(std::max(threads, 1), static_cast<int>(count));
  const int each = std::max(1, threads / std::max(1, at_once));
  std::vector<Result<Repetition>> results(count, fail(ErrorCode::internal, "it was not repeated"));
  std::mutex telling;
  std::size_t done = 0;
  run_parallel(count, at_once, [&](std::size_t i) {
    // Told at every round too: a long repetition is not taken for a hung one.
    const auto within_repetition = [&](const ProgressUpdate& update) {
      const std::lock_guard lock(telling);
      progress({.done = done, .total = count, .note = update.note});
    };
    results[i] = repeat(job, prepared, kind, settings, folds[(first + i) % folds.size()],
                        derive_seed(derive_seed(job.seed, kShuffleStream), first + i), each,
                        progress ? ProgressSink(within_repetition) : ProgressSink());
    const std::lock_guard lock(telling);
    ++done;
    if (progress) progress({.done = done, .total = count});
  });

  LeakCheck check;
  std::vector<double> aucs;
  double chance = 0;
  for (Result<Repetition>& result : results) {
    if (!result) return propagate(result);
    if (!result->auc) continue;
    aucs.push_back(*result->auc);
    chance = std::max(chance, result->sigma);
  }
  check.repetitions = static_cast<int>(aucs.size());
  if (check.repetitions < kRepetitionsMin) return check;
  const double made = static_cast<double>(aucs.size());
  check.auc_mean = std::accumulate(aucs.begin(), aucs.end(), 0.0) / made;
  double squares = 0;
  for (const double auc : aucs) squares += (auc - check.auc_mean) * (auc - check.auc_mean);
  check.sigma = std::max(chance, std::sqrt(squares / (made - 1))) / std::sqrt(made);
  const auto interval = stats::student_interval(aucs, kThreeSigmas);
  check.limit = std::max(3 * check.sigma, check.auc_mean - interval->low);
  check.pass = std::abs(check.auc_mean - 0.5) <= check.limit;
  return check;
}

}  // namespace

std::vector<int> shuffled_in_blocks(std::span<const int> classes, std::span<const judging::RowTimes> times,
                                    std::uint64_t seed) {
  assert(classes.size() == times.size());
  const std::size_t length = block_length(times), blocks = classes.size() / length;
  std::vector<int> shuffled(classes.begin(), classes.end());
  if (blocks < 2) return shuffled;
  Random random(seed);
  // Sattolo's shuffle: one cycle through all blocks, so that none stays.
  std::vector<std::size_t> order(blocks);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = blocks - 1; i > 0; --i) std::swap(order[i], order[random.below(i)]);
  // The last block takes what does not fill one; all of it is turned by a part of a block.
  const auto begin = [&](std::size_t block) { return block * length; };
  const auto end = [&](std::size_t block) { return block + 1 == blocks ? classes.size() : begin(block + 1); };
  const std::size_t turn = random.below(length);
  std::size_t to = turn;
  for (const std::size_t block : order) {
    for (std::size_t from = begin(block); from < end(block); ++from) {
      shuffled[to] = classes[(from + turn) % classes.size()];
      to = to + 1 == classes.size() ? 0 : to + 1;
    }
  }
  return shuffled;
}

Result<LeakCheck> check_leaks(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                              const Settings& settings, std::span<const judging::Fold> folds, int threads,
                              const ProgressSink& progress) {
  assert(!folds.empty());
  const auto count = static_cast<std::size_t>(job.search.leak_repetitions);
  auto check = check_once(job, prepared, kind, settings, folds, 0, count, threads, progress);
  if (!check || check->pass) return check;
  return check_once(job, prepared, kind, settings, folds, count, count, threads, progress);
}

Json LeakCheck::to_json() const {
  return {{"auc_mean", auc_mean},
          {"sigma", sigma},
          {"limit", limit},
          {"repetitions", repetitions},
          {"pass", pass}};
}

Status alarm_of(const LeakCheck& check) {
  if (check.pass) return {};
  return fail(
      ErrorCode::corrupt,
      "leak alarm: with labels shuffled in blocks the out-of-sample AUC is {:.3f} over {} repetitions, "
      "outside 0.5 ± {:.3f}. A split or a score lets labels of test rows through; nothing trained "
      "on these rows is to be trusted. Look at the label's known_at and at embargo_bars",
      check.auc_mean, check.repetitions, check.limit);
}

}  // namespace pawl::training
