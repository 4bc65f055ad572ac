#include "training/search.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <set>

#include "base/format.h"
#include "base/random.h"
#include "stats/pbo.h"

namespace pawl::training {

namespace {

constexpr std::uint64_t kTrialStream = 0x5ea7c4, kSplitStream = 0x5b117;
constexpr std::size_t kConfigurationsMin = 10;

// One configuration, with what each part of each split said of it so far.
struct Trial {
  Json json;
  Settings settings;
  std::vector<std::vector<FoldReport>> splits;
  std::size_t rung = 0;

  // The mean of a score over all parts that have it.
  std::optional<double> mean(std::string_view score) const {
    double sum = 0, count = 0;
    for (const std::vector<FoldReport>& parts : splits) {
      for (const FoldReport& part : parts) {
        const auto value = part.scores.get(score);
        sum += value.value_or(0);
        count += value ? 1 : 0;
      }
    }
    return count > 0 ? std::optional(sum / count) : std::nullopt;
  }
  double loss() const { return mean("log_loss").value_or(std::numeric_limits<double>::infinity()); }
};

Result<std::vector<Trial>> trials_of(const Job& job, const models::ModelKind& kind) {
  Random random(derive_seed(job.seed, kTrialStream));
  std::vector<Trial> trials;
  for (int i = 0; i < job.search.trials; ++i) {
    Json tried = job.model_settings;
    for (const auto& [name, values] : job.search.space) {
      const std::size_t pick = random.below(values.size());
      if (i > 0) tried[name] = parse_json(values[pick]).value_or(Json(values[pick]));
    }
    auto read = settings_from_json(kind.schema, tried, "search.space");
    if (!read) return propagate(read);
    trials.push_back({.json = std::move(tried), .settings = std::move(*read), .splits = {}});
  }
  return trials;
}

std::vector<SearchSplit> newest_splits(const Job& job, std::vector<judging::Fold> folds) {
  const auto scored = static_cast<std::size_t>(job.search.folds);
  std::vector<SearchSplit> splits;
  for (std::size_t i = folds.size() - scored; i < folds.size(); ++i) {
    const std::size_t rows = folds[i].test.size();
    splits.push_back({std::move(folds[i]), {splits.size()}, {rows}});
  }
  return splits;
}

// Drawn one by one: of those left, one whose groups have been tested least.
std::vector<SearchSplit> balanced(std::vector<SearchSplit> splits, std::size_t groups, Random& random) {
  std::vector<std::size_t> uses(groups);
  std::vector<SearchSplit> ordered;
  while (!splits.empty()) {
    std::vector<std::size_t> least;
    std::size_t fewest = 0;
    for (std::size_t i = 0; i < splits.size(); ++i) {
      std::size_t used = 0;
      for (const std::size_t group : splits[i].groups) used += uses[group];
      if (least.empty() || used < fewest) least.clear();
      if (least.empty()) fewest = used;
      if (used == fewest) least.push_back(i);
    }
    const std::size_t pick = least[random.below(least.size())];
    for (const std::size_t group : splits[pick].groups) ++uses[group];
    ordered.push_back(std::move(splits[pick]));
    splits.erase(splits.begin() + static_cast<std::ptrdiff_t>(pick));
  }
  return ordered;
}

// Trial 0 and the best 1/halving of the others, in order of their numbers.
std::vector<std::size_t> survivors(const std::vector<Trial>& trials, std::vector<std::size_t> standing,
                                   int halving) {
  std::erase(standing, std::size_t{0});
  std::ranges::stable_sort(standing, {}, [&](std::size_t trial) { return trials[trial].loss(); });
  const auto share = static_cast<std::size_t>(halving);
  standing.resize((standing.size() + share - 1) / share);
  standing.push_back(0);
  std::ranges::sort(standing);
  return standing;
}

// How many stand at each rung, as survivors() will have it.
std::vector<std::size_t> standing_by_rung(std::size_t trials, std::size_t rungs, int halving) {
  std::vector<std::size_t> standing = {trials};
  const auto share = static_cast<std::size_t>(halving);
  while (standing.size() < rungs) standing.push_back(1 + (standing.back() - 1 + share - 1) / share);
  return standing;
}

// Runs what the trials still lack up to `splits` splits.
Status score(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
             std::vector<Trial>& trials, const std::vector<std::size_t>& standing,
             std::span<const SearchSplit> splits, FoldCount& count, int threads,
             const ProgressSink& progress) {
  std::vector<FoldTask> tasks;
  std::vector<std::size_t> whose;
  for (const std::size_t trial : standing) {
    for (std::size_t i = trials[trial].splits.size(); i < splits.size(); ++i) {
      tasks.push_back({&trials[trial].settings, &splits[i].rows, splits[i].part_ends});
      whose.push_back(trial);
    }
  }
  auto reports = run_folds(job, prepared, kind, tasks, count, threads, progress);
  if (!reports) return propagate(reports);
  count.before += tasks.size();
  for (std::size_t i = 0; i < whose.size(); ++i) trials[whose[i]].splits.push_back(std::move((*reports)[i]));
  return {};
}

// Over the splits of the first rung, which every trial was scored on.
Json overfitting_of(const std::vector<Trial>& trials, std::span<const SearchSplit> first_rung) {
  std::size_t groups = 0;
  for (const SearchSplit& split : first_rung)
    groups = std::max(groups, 1 + *std::ranges::max_element(split.groups));
  std::vector<double> performance;
  std::set<std::string> seen;
  bool complete = true;
  for (const Trial& trial : trials) {
    if (!seen.insert(trial.json.dump()).second) continue;
    std::vector<double> sums(groups), counts(groups);
    for (std::size_t i = 0; i < first_rung.size(); ++i) {
      for (std::size_t part = 0; part < first_rung[i].groups.size(); ++part) {
        const auto loss = trial.splits[i][part].scores.get("log_loss");
        if (!loss) continue;
        sums[first_rung[i].groups[part]] -= *loss;
        ++counts[first_rung[i].groups[part]];
      }
    }
    for (std::size_t group = 0; group < groups; ++group) {
      complete &= counts[group] > 0;
      performance.push_back(counts[group] > 0 ? sums[group] / counts[group] : 0);
    }
  }
  Json json = {{"probability", Json()},
               {"median_logit", Json()},
               {"configurations", seen.size()},
               {"groups", groups},
               {"halves", 0}};
  if (seen.size() < kConfigurationsMin) {
    json["why"] =
        fmt::format("{} different configurations, of which {} are needed", seen.size(), kConfigurationsMin);
    return json;
  }
  const auto found = complete ? stats::backtest_overfitting(performance, seen.size(), groups) : std::nullopt;
  if (!found) {
    json["why"] = fmt::format(
        "{} groups of rows cannot be halved, or the configurations do not differ on them", groups);
    return json;
  }
  json["probability"] = found->probability;
  json["median_logit"] = found->median_logit;
  json["halves"] = found->splits;
  return json;
}

Json number_or_null(std::optional<double> value) {
  return value ? Json(*value) : Json();
}

}  // namespace

Result<std::vector<SearchSplit>> search_splits(const Job& job, const Rows& rows) {
  if (job.search.form == JobSearch::Form::newest) {
    constexpr int kFoldsBelow = 2;  // older test blocks, which only give the newest ones rows to train on
    auto folds = walk_forward_folds(job, rows, job.search.folds + kFoldsBelow);
    if (!folds) return propagate(folds);
    return newest_splits(job, std::move(*folds));
  }
  const auto groups = static_cast<std::size_t>(job.search.groups);
  auto folds = judging::combinatorial_purged(
      rows.times, groups, static_cast<std::size_t>(job.search.test_groups), job.embargo_ms);
  if (folds.empty()) {
    return fail(
        ErrorCode::insufficient_data,
        "{} usable rows are too few to search on {} groups of which {} are tested; give more bars, or "
        "ask for fewer groups",
        rows.size(), job.search.groups, job.search.test_groups);
  }
  std::vector<SearchSplit> splits;
  for (judging::CombinatorialFold& fold : folds) {
    std::vector<std::size_t> ends;
    for (std::size_t end = 0; const std::size_t group : fold.groups) {
      end += judging::group_start(rows.size(), groups, group + 1) -
             judging::group_start(rows.size(), groups, group);
      ends.push_back(end);
    }
    splits.push_back({std::move(fold.rows), std::move(fold.groups), std::move(ends)});
  }
  Random random(derive_seed(job.seed, kSplitStream));
  return balanced(std::move(splits), groups, random);
}

std::vector<judging::Fold> folds_of(const std::vector<SearchSplit>& splits) {
  std::vector<judging::Fold> folds;
  for (const SearchSplit& split : splits) folds.push_back(split.rows);
  return folds;
}

std::vector<std::size_t> rung_splits(const std::vector<SearchSplit>& splits, int halving) {
  assert(halving >= 2);
  std::set<std::size_t> untested;
  for (const SearchSplit& split : splits) untested.insert(split.groups.begin(), split.groups.end());
  std::size_t first = 0;
  for (; !untested.empty(); ++first) {
    for (const std::size_t group : splits[first].groups) untested.erase(group);
  }
  std::vector<std::size_t> rungs;
  for (std::size_t scored = first; scored < splits.size(); scored *= static_cast<std::size_t>(halving))
    rungs.push_back(scored);
  rungs.push_back(splits.size());
  return rungs;
}

Result<Found> search(const Job& job, const Prepared& prepared, const models::ModelKind& kind, int threads,
                     const ProgressSink& progress) {
  auto splits = search_splits(job, prepared.rows);
  if (!splits) return propagate(splits);
  auto trials = trials_of(job, kind);
  if (!trials) return propagate(trials);

  const std::vector<std::size_t> rungs = rung_splits(*splits, job.search.halving);
  const auto planned = standing_by_rung(trials->size(), rungs.size(), job.search.halving);
  FoldCount count;
  for (std::size_t rung = 0; rung < rungs.size(); ++rung)
    count.all += planned[rung] * (rungs[rung] - (rung > 0 ? rungs[rung - 1] : 0));

  std::vector<std::size_t> standing(trials->size());
  std::iota(standing.begin(), standing.end(), std::size_t{0});
  for (std::size_t rung = 0; rung < rungs.size(); ++rung) {
    if (rung > 0) standing = survivors(*trials, std::move(standing), job.search.halving);
    assert(standing.size() == planned[rung]);
    const auto scored = std::span<const SearchSplit>(*splits).first(rungs[rung]);
    if (Status done = score(job, prepared, kind, *trials, standing, scored, count, threads, progress); !done)
      return propagate(done);
    for (const std::size_t trial : standing) (*trials)[trial].rung = rung + 1;
  }

  std::size_t best = 0;
  for (const std::size_t trial : standing) {
    if ((*trials)[trial].loss() < (*trials)[best].loss()) best = trial;
  }
  Json told = Json::array();
  for (std::size_t i = 0; i < trials->size(); ++i) {
    const Trial& trial = (*trials)[i];
    told.push_back({{"settings", trial.json},
                    {"log_loss", number_or_null(trial.mean("log_loss"))},
                    {"sharpe", number_or_null(trial.mean("sharpe"))},
                    {"rung", trial.rung},
                    {"splits", trial.splits.size()},
                    {"chosen", i == best}});
  }
  const auto first_rung = std::span<const SearchSplit>(*splits).first(rungs.front());
  Json overfitting = overfitting_of(*trials, first_rung);
  return Found{.settings = (*trials)[best].json,
               .report = {{"search", std::move(told)}, {"overfitting", std::move(overfitting)}}};
}

}  // namespace pawl::training
