// A contest for somebody who asks: two versions that are there already, on the newest rows, and nothing
// moves.
#include <algorithm>
#include <limits>

#include "loop/loop.h"
#include "loop/remembered_contest.h"

namespace pawl::loop {

namespace {

LineReport report_of(const Line& line, RowRange trained_on, Evidence evidence) {
  return {.line = line.id(),
          .symbol = line.name(),
          .trained_on = trained_on,
          .evidence = std::move(evidence),
          .verdict = {},
          .folds = {},
          .search = {}};
}

LineReport ineligible(const Line& line, std::string why) {
  LineReport found = report_of(line, {}, {});
  found.evidence.line = line.id();
  found.evidence.symbol = line.name();
  found.evidence.eligible = false;
  found.evidence.why_ineligible = std::move(why);
  found.evidence.champion = found.evidence.challenger = line.live()->bundle.number;
  return found;
}

// What the line's contests say to a judgement by hand. That is no attempt of its own, so there is no error
// budget to share; and the contest that the challenger was made in is this very one, not an earlier one, nor
// was the challenger tried a second time.
Status tell_contests(const store::RunStore& runs, const Line& line, const VersionBundle& challenger,
                     TimeMs now, Evidence& evidence) {
  const Json training = challenger.settings.value("training", Json::object());
  line.contests.tell(evidence, now, training);
  evidence.years_since_contest.reset();
  if (challenger.run_id == 0) return {};  // brought in from outside
  const auto run = runs.find(challenger.run_id);
  if (!run) return propagate(run);
  if (!*run) return {};
  const auto own = remembered_contest(**run, line.id());
  if (!own) return propagate(own);
  if (!*own) return {};
  Evidence alone;
  ContestHistory().tell(alone, now, training);
  evidence.trials -= alone.trials;
  const std::optional<ContestDifference>& difference = (*own)->difference;
  if (!(*own)->answered || !difference) return {};
  std::vector<ContestDifference>& earlier = evidence.earlier_contests;
  const auto same = std::find_if(earlier.begin(), earlier.end(), [&](const ContestDifference& one) {
    return to_json(one) == to_json(*difference);
  });
  if (same != earlier.end()) earlier.erase(same);
  return {};
}

// Answers to two labels are answers to two questions. The baseline was trained on none.
Status expect_same_label(const VersionBundle& version, const recipe::Recipe& recipe) {
  const Json label = {{"kind", recipe.label.kind}, {"settings", recipe.label.settings.to_json()}};
  if (!version.settings.contains("label") || version.settings["label"] == label) return {};
  return fail(ErrorCode::conflict,
              "{} {} was trained on another label ({}) than the recipe has now ({}): set the recipe's label "
              "back to judge it",
              version.line, version.number.text(), version.settings["label"].dump(), label.dump());
}

}  // namespace

Result<LineReport> Loop::judge_line(const Matchup& matchup, TimeMs now) {
  Line& line = *lines_[matchup.line];
  if (!matchup.challenger) return ineligible(line, "there is no other version of it");
  if (line.data_count() == 0) return ineligible(line, "there is nothing to judge by");
  auto windows = line.plan(now);
  if (!windows) return ineligible(line, windows.error().message);

  const serving::LiveModel::Handle serves = line.live();
  auto challenger = rooms_.registry.load(line.id(), *matchup.challenger);
  if (!challenger) return propagate(challenger);
  serving::LiveModel::Handle champion = serves;
  if (matchup.against) {
    auto loaded = rooms_.registry.load(line.id(), *matchup.against);
    if (!loaded) return propagate(loaded);
    champion = std::move(*loaded);
  }
  if ((*challenger)->bundle.number == champion->bundle.number) {
    return fail(ErrorCode::invalid_argument, "{} {} would be judged against itself; name another version",
                line.id(), champion->bundle.number.text());
  }
  for (const VersionBundle* version : {&champion->bundle, &(*challenger)->bundle}) {
    if (Status same = expect_same_label(*version, recipe_); !same) return propagate(same);
  }
  // To serve is to prove that a version's features still mean what they did; in this process alone, for the
  // pointer is the registry's.
  for (const serving::LiveModel::Handle& version : {serving::LiveModel::Handle(*challenger), champion}) {
    if (Status served = line.serve(version); !served) return propagate(served);
  }
  auto evidence = line.contest(*windows, (*challenger)->bundle, *(*challenger)->judged);
  if (Status back = line.serve(serves); !back) return propagate(back);
  if (!evidence) return propagate(evidence);
  evidence->earlier_champions = line.champion_scores;
  const Status told = tell_contests(rooms_.store.runs(), line, (*challenger)->bundle, now, *evidence);
  if (!told) return propagate(told);
  return report_of(line, (*challenger)->bundle.judged.trained_on, std::move(*evidence));
}

Result<std::vector<LineReport>> Loop::judge(const std::vector<Matchup>& matchups) {
  TimeMs now = std::numeric_limits<TimeMs>::min();
  for (const Matchup& matchup : matchups) {
    const Line& line = *lines_[matchup.line];
    if (line.data_count() > 0) now = std::max(now, line.newest_known_at());
  }
  std::vector<LineReport> reports;
  std::vector<Evidence> evidence;
  for (const Matchup& matchup : matchups) {
    auto found = judge_line(matchup, now);
    if (!found) return propagate(found);
    evidence.push_back(found->evidence);
    reports.push_back(std::move(*found));
  }
  const std::vector<Verdict> verdicts = kinds_.gate->judge(evidence);
  for (std::size_t i = 0; i < reports.size(); ++i) reports[i].verdict = verdicts[i];
  return reports;
}

}  // namespace pawl::loop
