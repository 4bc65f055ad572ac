#include "loop/verdict_regret.h"

#include <algorithm>
#include <map>

#include "base/random.h"
#include "judging/paired.h"

namespace pawl::loop {

namespace {

constexpr std::size_t kResamples = 1999;
constexpr double kCoverage = 0.95;
constexpr std::uint64_t kSeed = 0x7e67e7;

// The after-cost return of each bar for a version that begins to serve at `from`, by the bar's close.
Status follow(Series& series, const registry::LoadedVersion& version, const recipe::Recipe& recipe,
              const Costs& costs, std::size_t horizon_bars, TimeMs from, TimeMs to,
              std::map<TimeMs, std::pair<double, int>>& returns, double sign) {
  const BarSeries& bars = series.bars();
  const std::size_t first = bars.count_known_at(from - 1), last = bars.count_known_at(to);
  if (first >= last) return {};
  auto history = series.history(version.bundle.features);
  if (!history) return propagate(history);
  const FeatureFrame frame = (*history)->rows(bars, first, last);
  std::optional<FeatureFrame> where;
  if (!recipe.signal_where.empty()) {
    auto allowed = series.history({recipe.signal_where});
    if (!allowed) return propagate(allowed);
    where = (*allowed)->rows(bars, first, last);
  }
  judging::StrategyTracker strategy(costs, horizon_bars);
  for (std::size_t bar = first; bar < last && bar + 2 < bars.size(); ++bar) {
    const std::size_t row = bar - first;
    const bool may = frame.ready[row] != 0 && (!where || where->row(row)[0] > 0);
    const Side side = may ? serving::predict(version, frame.row(row), recipe.signal).side : Side::hold;
    const bool carried = datasets::carried(recipe.calendar, bars, bar + 1, bar + 2);
    auto& [sum, count] = returns[bars.close_time(bar)];
    sum += sign * strategy.push(side, bars.open(bar + 1), carried ? bars.open(bar + 2) : bars.close(bar + 1),
                                carried && bar + 1 < last);
    ++count;
  }
  return {};
}

// Sums lie within this, were the days as they were but differently mixed.
stats::Interval interval_of_sum(const std::vector<double>& differences, std::size_t label_bars) {
  if (differences.empty()) return {};
  const auto count = static_cast<double>(differences.size());
  double sum = 0;
  for (const double one : differences) sum += one;
  const double block = judging::block_of(differences, label_bars);
  const stats::Interval mean = stats::mean_interval(
      sum / count, stats::mean_deviations(differences, block, kResamples, kSeed), kCoverage);
  return {mean.low * count, mean.high * count};
}

Result<VersionNumber> version_of(const Json& document, const char* side) {
  if (!document.contains(side) || !document[side].is_object())
    return fail(ErrorCode::not_found, "the run says nothing of its {}", side);
  return VersionNumber::parse(document[side].value("version", std::string()));
}

class Follower {
 public:
  Follower(Loop& loop, registry::Registry& registry, const recipe::Recipe& recipe, DurationMs follow_for)
      : loop_(loop), registry_(registry), recipe_(recipe), follow_for_(follow_for) {}

  Result<VerdictRegret> follow_verdict(const store::RunRecord& run, const Json& document) {
    VerdictRegret regret{
        .run = run.id, .line = document.value("line", run.lines.front()), .at = *run.known_at};
    const auto champion = version_of(document, "champion"), challenger = version_of(document, "challenger");
    if (!champion || !challenger) {
      regret.why_not = "the run says nothing of its versions";
      return regret;
    }
    const std::string verdict = document.value("verdict", std::string());
    const bool promoted = verdict == decision_name(Decision::promote);
    regret.decision = promoted ? Decision::promote : Decision::keep;
    regret.chosen = promoted ? *challenger : *champion;
    regret.other = promoted ? *champion : *challenger;
    if (verdict == decision_name(Decision::insufficient) || *champion == *challenger) {
      regret.decision = Decision::insufficient;
      regret.why_not = "there was nothing to choose between";
      return regret;
    }
    for (const VersionNumber version : {regret.chosen, regret.other}) {
      auto loaded = registry_.load(regret.line, version);
      if (!loaded) {
        regret.why_not = loaded.error().message;
        return regret;
      }
      if ((*loaded)->serving == nullptr && version.value != 0) {
        regret.why_not = fmt::format(
            "{} was never fitted to the present; shadow.refit_kept: true has it done", version.text());
        return regret;
      }
    }
    if (Status compared = compare(regret); !compared) return propagate(compared);
    return regret;
  }

 private:
  Status compare(VerdictRegret& regret) {
    std::map<TimeMs, std::pair<double, int>> returns;  // by close: the difference, summed over the markets
    for (std::size_t i = 0; i < loop_.series_count(); ++i) {
      Series& series = loop_.series(i);
      if (recipe_.line_of(series.symbol()) != regret.line || series.bars().empty()) continue;
      for (const auto& [version, sign] : {std::pair{regret.chosen, 1.0}, std::pair{regret.other, -1.0}}) {
        auto loaded = registry_.load(regret.line, version);
        if (!loaded) return propagate(loaded);
        const Status followed =
            follow(series, **loaded, recipe_, recipe_.costs_of(series.symbol()),
                   loop_.kinds().labeller->horizon_bars(), regret.at, regret.at + follow_for_, returns, sign);
        if (!followed) return followed;
      }
    }
    for (const auto& [close, sum] : returns) {
      regret.differences.push_back(2 * sum.first / sum.second);  // a market comes in twice, with either sign
      regret.gained += regret.differences.back();
    }
    if (regret.differences.empty()) regret.why_not = "no bar after it has ended yet";
    regret.interval = interval_of_sum(regret.differences, loop_.kinds().labeller->horizon_bars());
    return {};
  }

  Loop& loop_;
  registry::Registry& registry_;
  const recipe::Recipe& recipe_;
  DurationMs follow_for_;
};

}  // namespace

Result<RegretReport> verdict_regrets(Loop& loop, store::Store& store, registry::Registry& registry,
                                     const recipe::Recipe& recipe, DurationMs follow_for) {
  if (recipe.trades.present) {
    return fail(ErrorCode::invalid_argument,
                "{}: a filter of trades watches its swaps trade by trade; see `pawl models history`",
                recipe.name);
  }
  auto runs = store.runs().list();
  if (!runs) return propagate(runs);
  Follower follower(loop, registry, recipe, follow_for);
  RegretReport report;
  std::vector<double> all;
  for (const store::RunRecord& run : *runs) {
    if (run.state != store::RunState::completed || !run.known_at) continue;
    std::vector<Json> documents = {run.document};
    if (run.document.contains("by_line"))
      documents.assign(run.document["by_line"].begin(), run.document["by_line"].end());
    for (const Json& document : documents) {
      auto regret = follower.follow_verdict(run, document);
      if (!regret) return propagate(regret);
      report.gained += regret->gained;
      report.followed += regret->why_not.empty() ? 1 : 0;
      all.insert(all.end(), regret->differences.begin(), regret->differences.end());
      report.verdicts.push_back(std::move(*regret));
    }
  }
  report.interval = interval_of_sum(all, loop.kinds().labeller->horizon_bars());
  return report;
}

Json to_json(const VerdictRegret& regret) {
  Json json = {{"run", regret.run},
               {"line", regret.line},
               {"verdict", decision_name(regret.decision)},
               {"at", format_time(regret.at)},
               {"serves", regret.chosen.text()},
               {"other", regret.other.text()},
               {"bars", regret.differences.size()}};
  if (regret.why_not.empty()) {
    json["gained"] = json_number(regret.gained);
    json["interval"] = {regret.interval.low, regret.interval.high};
  } else {
    json["not_followed"] = regret.why_not;
  }
  return json;
}

Json to_json(const RegretReport& report) {
  Json verdicts = Json::array();
  for (const VerdictRegret& one : report.verdicts) verdicts.push_back(to_json(one));
  return {{"followed", report.followed},
          {"gained", json_number(report.gained)},
          {"interval", {report.interval.low, report.interval.high}},
          {"verdicts", std::move(verdicts)}};
}

}  // namespace pawl::loop
