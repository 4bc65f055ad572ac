#include "loop/verdict_regret.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "judging/paired.h"
#include "loop/verdict_course.h"

namespace pawl::loop {

namespace {

constexpr std::size_t kResamples = 1999;
constexpr double kCoverage = 0.95;
constexpr std::uint64_t kSeed = 0x7e67e7;
constexpr TimeMs kNever = std::numeric_limits<TimeMs>::max();

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Sums lie within this, were the days as they were but differently mixed.
stats::Interval interval_of_sum(const std::vector<double>& differences, std::size_t label_bars) {
  if (differences.empty()) return {};
  const auto count = static_cast<double>(differences.size());
  const double block = judging::block_of(differences, label_bars);
  const stats::Interval mean = stats::mean_interval(
      sum_of(differences) / count, stats::mean_deviations(differences, block, kResamples, kSeed), kCoverage);
  return {mean.low * count, mean.high * count};
}

Result<VersionNumber> version_of(const Json& document, const char* side) {
  if (!document.contains(side) || !document[side].is_object())
    return fail(ErrorCode::not_found, "the run says nothing of its {}", side);
  return VersionNumber::parse(document[side].value("version", std::string()));
}

// What the promotion log says of a line at one instant.
struct Pointer {
  std::optional<VersionNumber> serves;
  TimeMs until = kNever;  // it moves next
};
Pointer pointer_at(const std::vector<store::PromotionRow>& history, TimeMs at) {
  Pointer found;
  for (const store::PromotionRow& row : history) {
    if (row.at <= at) {
      found.serves = row.to;
    } else if (row.from != row.to) {
      found.until = std::min(found.until, row.at);
    }
  }
  return found;
}

// A run's verdict on one line.
struct Told {
  const store::RunRecord* run;
  Json document;
  LineId line;
  TimeMs at;
};

std::vector<Told> verdicts_of(const std::vector<store::RunRecord>& runs) {
  std::vector<Told> told;
  for (const store::RunRecord& run : runs) {
    if (run.state != store::RunState::completed || !run.known_at) continue;
    std::vector<Json> documents = {run.document};
    if (run.document.contains("by_line"))
      documents.assign(run.document["by_line"].begin(), run.document["by_line"].end());
    for (Json& document : documents) {
      const LineId line = document.value("line", run.lines.front());
      told.push_back({&run, std::move(document), line, *run.known_at});
    }
  }
  return told;
}

// When the line of each verdict was judged next; verdicts come in the order of their runs.
std::vector<TimeMs> next_of_line(const std::vector<Told>& told) {
  std::vector<TimeMs> next(told.size(), kNever);
  std::map<LineId, TimeMs> later;
  for (std::size_t i = told.size(); i-- > 0;) {
    if (const auto found = later.find(told[i].line); found != later.end()) next[i] = found->second;
    later[told[i].line] = told[i].at;
  }
  return next;
}

class Follower {
 public:
  Follower(Loop& loop, registry::Registry& registry, const recipe::Recipe& recipe, DurationMs follow_for)
      : loop_(loop), registry_(registry), recipe_(recipe), follow_for_(follow_for) {}

  // `next` is when the line's next verdict came.
  Result<VerdictRegret> follow(const Told& told, TimeMs next) {
    VerdictRegret regret{.run = told.run->id, .line = told.line, .at = told.at};
    if (Status chosen = choose(told, next, regret); !chosen) return propagate(chosen);
    if (!regret.why_not.empty()) return regret;
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
  // Who served after the verdict, who did not, and until when.
  Status choose(const Told& told, TimeMs next, VerdictRegret& regret) {
    const auto champion = version_of(told.document, "champion"),
               challenger = version_of(told.document, "challenger");
    if (!champion || !challenger) {
      regret.why_not = "the run says nothing of its versions";
      return {};
    }
    const std::string verdict = told.document.value("verdict", std::string());
    regret.decision = verdict == decision_name(Decision::promote) ? Decision::promote : Decision::keep;
    regret.chosen = *champion;
    regret.other = *challenger;
    if (verdict == decision_name(Decision::insufficient) || *champion == *challenger) {
      regret.decision = Decision::insufficient;
      regret.why_not = "there was nothing to choose between";
      return {};
    }
    const auto history = registry_.history(told.line);
    if (!history) return propagate(history);
    const Pointer pointer = pointer_at(*history, told.at);
    if (pointer.serves == *challenger) std::swap(regret.chosen, regret.other);
    if (pointer.serves != regret.chosen) {
      regret.why_not = fmt::format("neither of them served: the pointer had been moved to {}",
                                   pointer.serves ? pointer.serves->text() : "nothing");
      return {};
    }
    regret.counts_until = std::min({next, pointer.until, told.at + follow_for_});
    return {};
  }

  Status compare(VerdictRegret& regret) {
    struct AtClose {
      double difference = 0;
      int markets = 0;
    };
    std::map<TimeMs, AtClose> at_close;
    for (std::size_t i = 0; i < loop_.series_count(); ++i) {
      Series& series = loop_.series(i);
      if (recipe_.line_of(series.symbol()) != regret.line || series.bars().empty()) continue;
      auto chosen = course_of(series, regret.chosen, regret), other = course_of(series, regret.other, regret);
      if (!chosen) return propagate(chosen);
      if (!other) return propagate(other);
      // Where only one of them says something, the other has earned nothing.
      for (const auto& [close, earned] : *other) {
        chosen->try_emplace(close, 0.0);
        (*chosen)[close] -= earned;
      }
      for (const auto& [close, difference] : *chosen) {
        at_close[close].difference += difference;
        ++at_close[close].markets;
      }
    }
    for (const auto& [close, sum] : at_close) {
      regret.closes.push_back(close);
      regret.differences.push_back(sum.difference / sum.markets);
      if (close >= regret.counts_until) continue;
      ++regret.counted_bars;
      regret.counted_gain += regret.differences.back();
    }
    if (regret.differences.empty()) regret.why_not = "no bar after it has ended yet";
    regret.gained = sum_of(regret.differences);
    regret.interval = interval_of_sum(regret.differences, loop_.kinds().labeller->horizon_bars());
    return {};
  }

  Result<std::map<TimeMs, double>> course_of(Series& series, VersionNumber version,
                                             const VerdictRegret& regret) {
    auto loaded = registry_.load(regret.line, version);
    if (!loaded) return propagate(loaded);
    return loop::course_of(loop_, series, **loaded, recipe_, regret.at, regret.at + follow_for_);
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
  const auto runs = store.runs().list();
  if (!runs) return propagate(runs);
  const std::vector<Told> told = verdicts_of(*runs);
  Follower follower(loop, registry, recipe, follow_for);
  RegretReport report;
  std::map<TimeMs, double> total;
  const std::vector<TimeMs> next = next_of_line(told);
  for (std::size_t verdict = 0; verdict < told.size(); ++verdict) {
    auto regret = follower.follow(told[verdict], next[verdict]);
    if (!regret) return propagate(regret);
    report.followed += regret->why_not.empty() ? 1 : 0;
    for (std::size_t i = 0; i < regret->counted_bars; ++i) total[regret->closes[i]] += regret->differences[i];
    report.verdicts.push_back(std::move(*regret));
  }
  for (const auto& [close, difference] : total) report.differences.push_back(difference);
  report.gained = sum_of(report.differences);
  report.interval = interval_of_sum(report.differences, loop.kinds().labeller->horizon_bars());
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
    json["counted"] = {{"until", format_time(regret.counts_until)},
                       {"bars", regret.counted_bars},
                       {"gained", json_number(regret.counted_gain)}};
  } else {
    json["not_followed"] = regret.why_not;
  }
  return json;
}

Json to_json(const RegretReport& report) {
  Json verdicts = Json::array();
  for (const VerdictRegret& one : report.verdicts) verdicts.push_back(to_json(one));
  return {{"followed", report.followed},
          {"bars", report.differences.size()},
          {"gained", json_number(report.gained)},
          {"interval", {report.interval.low, report.interval.high}},
          {"verdicts", std::move(verdicts)}};
}

}  // namespace pawl::loop
