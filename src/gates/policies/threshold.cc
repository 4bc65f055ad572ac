// Floors that a model must clear, and a limit on how far it may fall behind the champion.
#include <algorithm>

#include "gates/gate_policy.h"
#include "gates/judging_words.h"

namespace pawl::gates {
namespace {

struct Rules {
  double min_f1 = 0, min_accuracy = 0, max_performance_drop = 0;
  bool absolute = false;  // floors inclusive; only F1 may not drop, by so many points
  std::size_t best_of_last = 0;
  std::int64_t min_rows = 0;
};

// A check that failed because a number is missing says nothing against the challenger, nothing for it.
bool missing(const Check& check) {
  return !check.pass && !check.value;
}

class Threshold final : public GatePolicy {
 public:
  explicit Threshold(const Rules& rules) : rules_(rules) {}

  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    std::vector<Verdict> verdicts;
    for (const Evidence& line : group) {
      if (auto refused = unjudgeable(line, rules_.min_rows)) {
        verdicts.push_back(std::move(*refused));
      } else {
        verdicts.push_back(judge_line(line));
      }
    }
    return verdicts;
  }

 private:
  Verdict judge_line(const Evidence& line) const {
    Verdict verdict;
    verdict.line = line.line;
    verdict.checks.push_back(floor(line, "f1", rules_.min_f1));
    verdict.checks.push_back(floor(line, "accuracy", rules_.min_accuracy));
    if (line.majority_class_accuracy) {
      verdict.checks.back().note +=
          fmt::format("; the commonest class alone would score {:.4f}", *line.majority_class_accuracy);
    }
    if (!line.first_model) add_drops(line, verdict.checks);
    decide(line, verdict);
    return verdict;
  }

  Check floor(const Evidence& line, const std::string& metric, double limit) const {
    Check check{.name = "min_" + metric,
                .value = line.challenger_scores.get(metric),
                .limit = limit,
                .pass = false,
                .note = ""};
    if (!check.value) {
      check.note = undefined_text("challenger", metric, line.challenger_scores);
      return check;
    }
    check.pass = rules_.absolute ? at_least(*check.value, limit) : above(*check.value, limit);
    check.note = fmt::format("{} {} {} {}", metric, number_beside(*check.value, limit),
                             check.pass ? (rules_.absolute ? "is at least" : "is above")
                                        : (rules_.absolute ? "is below" : "is not above"),
                             plain(limit));
    return check;
  }

  void add_drops(const Evidence& line, std::vector<Check>& checks) const {
    std::vector<std::string> metrics = {"f1"};
    if (!rules_.absolute) metrics.insert(metrics.end(), {"accuracy", "precision", "recall", "roc_auc"});
    for (const std::string& metric : metrics) {
      const auto challenger = line.challenger_scores.get(metric);
      const auto champion = line.champion_scores.get(metric);
      const std::string name = metric + "_against_champion";
      if (!champion) {
        // Undefined on these rows for the champion: there is nothing to have dropped from. Earlier
        // champions count still, unless the rows define the score for neither side.
        checks.push_back(
            {.name = name,
             .value = challenger,
             .limit = std::nullopt,
             .pass = true,
             .note = undefined_text("champion", metric, line.champion_scores) + ": nothing to drop from"});
        if (!challenger) continue;
      } else {
        checks.push_back(drop(line, metric, name, *champion, champion_text(line)));
      }
      if (const auto best = best_earlier(line, metric)) {
        checks.push_back(drop(line, metric, fmt::format("{}_against_best_of_last", metric), *best,
                              fmt::format("best of the last {} champions", rules_.best_of_last)));
      }
    }
  }

  std::optional<double> best_earlier(const Evidence& line, const std::string& metric) const {
    std::optional<double> best;
    const std::size_t count = std::min(rules_.best_of_last, line.earlier_champions.size());
    for (std::size_t i = 0; i < count; ++i) {
      const auto score = line.earlier_champions[i].get(metric);
      if (score && (!best || *score > *best)) best = score;
    }
    return best;
  }

  Check drop(const Evidence& line, const std::string& metric, std::string name, double from,
             const std::string& whose) const {
    const double allowed = rules_.max_performance_drop;
    Check check{.name = std::move(name),
                .value = line.challenger_scores.get(metric),
                .limit = rules_.absolute ? from - allowed : from * (1 - allowed),
                .pass = false,
                .note = ""};
    if (!check.value) {
      check.note = undefined_text("challenger", metric, line.challenger_scores);
      return check;
    }
    check.pass = at_least(*check.value, *check.limit);
    check.note =
        fmt::format("{} {} is {} {} below {:.4f} of the {}", metric,
                    number_beside(*check.value, *check.limit), check.pass ? "not more than" : "more than",
                    rules_.absolute ? plain(allowed) : plain(100 * allowed) + " %", from, whose);
    return check;
  }

  void decide(const Evidence& line, Verdict& verdict) const {
    const auto failed = [](const Check& check) { return !check.pass && check.value; };
    if (std::ranges::any_of(verdict.checks, failed)) {
      verdict.decision = Decision::keep;
    } else if (std::ranges::any_of(verdict.checks, missing)) {
      verdict.decision = Decision::insufficient;
    } else {
      verdict.decision = Decision::promote;
      verdict.reasons.push_back(fmt::format("all {} checks passed on {} rows: {}, {}", verdict.checks.size(),
                                            line.rows, verdict.checks[0].note, verdict.checks[1].note));
      verdict.reasons.push_back(
          line.first_model
              ? fmt::format("first model after {}: only the 2 floors are asked", champion_text(line))
              : fmt::format("no score is more than {}{} below the {}'s",
                            plain((rules_.absolute ? 1 : 100) * rules_.max_performance_drop),
                            rules_.absolute ? "" : " %", champion_text(line)));
      return;
    }
    for (const Check& check : verdict.checks) {
      if (failed(check)) verdict.reasons.push_back(check.note);
    }
    for (const Check& check : verdict.checks) {
      if (missing(check)) verdict.reasons.push_back(fmt::format("{}: {}", check.name, check.note));
    }
    verdict.reasons.push_back(fmt::format("{} of {} checks passed on {} rows",
                                          std::ranges::count(verdict.checks, true, &Check::pass),
                                          verdict.checks.size(), line.rows));
  }

  Rules rules_;
};

}  // namespace

GatePolicyKind threshold_policy() {
  GatePolicyKind kind{
      .name = "threshold",
      .help = "F1 and accuracy must clear floors, and no score may fall far behind the champion's",
      .schema = {},
      .make = [](const Settings& settings) -> Result<std::unique_ptr<GatePolicy>> {
        return std::make_unique<Threshold>(
            Rules{.min_f1 = settings.number("min_f1"),
                  .min_accuracy = settings.number("min_accuracy"),
                  .max_performance_drop = settings.number("max_performance_drop"),
                  .absolute = settings.text("variant") == "absolute",
                  .best_of_last = static_cast<std::size_t>(settings.integer("best_of_last")),
                  .min_rows = settings.integer("min_rows")});
      }};
  kind.schema.number("min_f1", 0.65, "floor of the challenger's F1").range(0, 1);
  kind.schema.number("min_accuracy", 0.70, "floor of the challenger's accuracy").range(0, 1);
  kind.schema
      .number("max_performance_drop", 0.10,
              "how far a score may fall below the champion's: a share, or points")
      .range(0, 1);
  kind.schema
      .text("variant", "relative",
            "relative: floors strict, five scores, drop as a share; absolute: floors inclusive, F1 only, "
            "points")
      .choices({"relative", "absolute"});
  kind.schema
      .integer(
          "best_of_last", 5,
          "the drop is also measured from the best of this many last champions; 0: from the present one only")
      .range(0, 1000);
  declare_min_rows(kind.schema, 200);
  return kind;
}

}  // namespace pawl::gates
