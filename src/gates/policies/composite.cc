// One weighted score per line out of four, and a quorum over the lines of the group.
#include <algorithm>
#include <array>
#include <cmath>

#include "gates/gate_policy.h"
#include "gates/judging_words.h"

namespace pawl::gates {
namespace {

struct Part {
  const char* score;    // its name in the scorecard
  const char* setting;  // its weight's name in the settings
  double default_weight;
  double (*scale)(double value);  // onto 0…1, growing
};

double same(double value) {
  return value;
}

// Zero and negative champions have a place on this scale: no return at all is 0.5.
constexpr std::array<Part, 4> kParts = {{
    {"accuracy", "weight_accuracy", 0.2, same},
    {"f1", "weight_f1", 0.3, same},
    {"sharpe", "weight_sharpe", 0.3, [](double sharpe) { return 0.5 * (1 + std::tanh(sharpe / 2)); }},
    {"annual_return", "weight_return", 0.2, [](double share) { return 0.5 * (1 + std::tanh(share / 0.2)); }},
}};

struct Rules {
  std::array<double, kParts.size()> weights = {};
  double min_improvement = 0;
  std::int64_t quorum = 0;
  bool deploy_all = false;
  bool relative = false;
  std::int64_t min_rows = 0;
};

// What one line says for itself, before the quorum.
struct Finding {
  bool judged = false;
  bool improved = false;
  std::string reason;  // "EUR_USD: +3.5 % improved"
  std::vector<Check> checks;
};

struct Count {
  std::int64_t lines = 0, improved = 0, quorum = 0;
  bool deploy() const { return improved >= quorum; }
};

class Composite final : public GatePolicy {
 public:
  explicit Composite(const Rules& rules) : rules_(rules) {}

  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    std::vector<Finding> findings;
    for (const Evidence& line : group) findings.push_back(find(line));
    Count count;
    count.lines = static_cast<std::int64_t>(group.size());
    count.improved = std::ranges::count(findings, true, &Finding::improved);
    count.quorum = std::min(rules_.quorum, count.lines);

    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < group.size(); ++i) {
      verdicts.push_back(decide(group[i].line, findings[i], count));
    }
    return verdicts;
  }

 private:
  Verdict decide(const LineId& line, const Finding& finding, const Count& count) const {
    Verdict verdict;
    verdict.line = line;
    if (!finding.judged) {
      verdict.decision = Decision::insufficient;
    } else if (count.deploy() && (finding.improved || rules_.deploy_all)) {
      verdict.decision = Decision::promote;
    }
    verdict.checks = finding.checks;
    verdict.checks.push_back({.name = "quorum",
                              .value = static_cast<double>(count.improved),
                              .limit = static_cast<double>(count.quorum),
                              .pass = count.deploy(),
                              .note = fmt::format("lines of {} that improved", count.lines)});

    verdict.reasons = {finding.reason, fmt::format("{}/{} improved → {}", count.improved, count.lines,
                                                   count.deploy() ? "deploy" : "keep")};
    // The group decided where an improved line stays, or one that did not improve moves.
    const bool promoted = verdict.decision == Decision::promote;
    if (finding.judged && finding.improved != promoted) std::swap(verdict.reasons[0], verdict.reasons[1]);
    if (!count.deploy()) {
      verdict.reasons.push_back(
          fmt::format("quorum: {} of {} lines must improve", count.quorum, count.lines));
    } else if (promoted && !finding.improved) {
      verdict.reasons.push_back(fmt::format("deploy all: every judged line of the {} moves", count.lines));
    }
    return verdict;
  }

  Finding find(const Evidence& line) const {
    const std::string name = line.symbol.empty() ? line.line : line.symbol;
    std::string why = why_unjudgeable(line, rules_.min_rows);
    if (!why.empty()) return not_judged(name, why);
    return rules_.relative ? find_relative(line, name) : find_scaled(line, name);
  }

  static Finding not_judged(const std::string& name, const std::string& why) {
    Finding finding;
    finding.reason = fmt::format("{}: counts as not improved ({})", name, why);
    finding.checks.push_back(
        {.name = "improvement", .value = std::nullopt, .limit = std::nullopt, .pass = false, .note = why});
    return finding;
  }

  Finding find_scaled(const Evidence& line, const std::string& name) const {
    double champion_score = 0, challenger_score = 0, weight = 0;
    std::string parts;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      const Part& part = kParts[i];
      if (rules_.weights[i] == 0) continue;
      const auto champion = line.champion_scores.get(part.score);
      const auto challenger = line.challenger_scores.get(part.score);
      if (!champion) {
        // A champion that no longer trades has no Sharpe; it must not hold its place by that. Both sides
        // are compared on the scores that it has.
        parts += undefined_text("champion", part.score, line.champion_scores) + " and left out; ";
        continue;
      }
      if (!challenger) {
        return not_judged(name, undefined_text("challenger", part.score, line.challenger_scores));
      }
      weight += rules_.weights[i];
      champion_score += rules_.weights[i] * part.scale(*champion);
      challenger_score += rules_.weights[i] * part.scale(*challenger);
      parts += fmt::format("{} {:.4f} against {:.4f}; ", part.score, *challenger, *champion);
    }
    if (weight == 0) {
      return not_judged(name, fmt::format("none of the champion's {} scores is defined", kParts.size()));
    }
    champion_score /= weight;
    challenger_score /= weight;
    const double limit = (1 + rules_.min_improvement) * champion_score;

    Finding finding;
    finding.judged = true;
    parts += fmt::format("score {:.4f} against {:.4f}", challenger_score, champion_score);
    if (champion_score > 0) {
      finding.improved = at_least(challenger_score, limit);
      const double improvement = challenger_score / champion_score - 1;
      finding.reason = sentence(name, improvement, finding.improved, "below");
    } else {
      // All that can be wrong is wrong: any score is an improvement, and none of it a percentage.
      finding.improved = challenger_score > 0;
      finding.reason = fmt::format("{}: score {:.4f} against 0 {}", name, challenger_score,
                                   finding.improved ? "improved" : "(not above)");
    }
    finding.checks.push_back({.name = "score",
                              .value = challenger_score,
                              .limit = limit,
                              .pass = finding.improved,
                              .note = std::move(parts)});
    return finding;
  }

  Finding find_relative(const Evidence& line, const std::string& name) const {
    double improvement = 0;
    bool any = false;
    std::string parts;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      const Part& part = kParts[i];
      const auto champion = line.champion_scores.get(part.score);
      if (rules_.weights[i] == 0 || !champion || *champion <= 0) continue;
      const auto challenger = line.challenger_scores.get(part.score);
      if (!challenger) {
        return not_judged(name, undefined_text("challenger", part.score, line.challenger_scores));
      }
      any = true;
      improvement += rules_.weights[i] * (*challenger - *champion) / *champion;
      parts += fmt::format("{}{} {:.4f} against {:.4f}", parts.empty() ? "" : "; ", part.score, *challenger,
                           *champion);
    }
    if (!any) {
      return not_judged(name, fmt::format("none of the champion's {} scores is above 0", kParts.size()));
    }
    Finding finding;
    finding.judged = true;
    finding.improved = above(improvement, rules_.min_improvement);
    const bool below = !at_least(improvement, rules_.min_improvement);
    finding.reason = sentence(name, improvement, finding.improved, below ? "below" : "not above");
    finding.checks.push_back({.name = "improvement",
                              .value = improvement,
                              .limit = rules_.min_improvement,
                              .pass = finding.improved,
                              .note = std::move(parts)});
    return finding;
  }

  std::string sentence(const std::string& name, double improvement, bool improved,
                       std::string_view short_of) const {
    const std::string percent = percent_beside(improvement, rules_.min_improvement);
    if (improved) return fmt::format("{}: {} % improved", name, percent);
    return fmt::format("{}: {} % ({} {} % threshold)", name, percent, short_of,
                       plain(100 * rules_.min_improvement));
  }

  Rules rules_;
};

Result<std::unique_ptr<GatePolicy>> make_composite(const Settings& settings) {
  Rules rules{.weights = {},
              .min_improvement = settings.number("min_improvement"),
              .quorum = settings.integer("quorum"),
              .deploy_all = settings.text("deploy") == "all",
              .relative = settings.text("form") == "relative",
              .min_rows = settings.integer("min_rows")};
  double sum = 0;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    rules.weights[i] = settings.number(kParts[i].setting);
    sum += rules.weights[i];
  }
  if (std::abs(sum - 1) > 1e-9) {
    return fail(ErrorCode::bad_config,
                "gate composite: weight_accuracy, weight_f1, weight_sharpe and weight_return sum to {:g}; "
                "they must sum to 1",
                sum);
  }
  return std::make_unique<Composite>(rules);
}

}  // namespace

GatePolicyKind composite_policy() {
  GatePolicyKind kind{.name = "composite",
                      .help = "a weighted score of four must grow on a quorum of the group's lines",
                      .schema = {},
                      .make = &make_composite};
  for (const Part& part : kParts) {
    kind.schema.number(part.setting, part.default_weight, fmt::format("weight of {}", part.score))
        .range(0, 1);
  }
  kind.schema
      .number("min_improvement", 0.02, "how much the score must grow, as a share, to count as improved")
      .range(0, 10);
  kind.schema.integer("quorum", 2, "lines that must improve; in a smaller group all of them").range(1, 1000);
  kind.schema.text("deploy", "improved", "which lines move when the quorum holds")
      .choices({"improved", "all"});
  kind.schema
      .text("form", "scaled",
            "scaled: scores on one scale of 0 to 1; relative: weighted sum of relative changes over scores "
            "above 0")
      .choices({"scaled", "relative"});
  declare_min_rows(kind.schema, 200);
  return kind;
}

}  // namespace pawl::gates
