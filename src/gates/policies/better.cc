// Replace the champion when one score of the challenger, on the same rows, is higher.
#include "gates/gate_policy.h"
#include "gates/judging_words.h"

namespace pawl::gates {
namespace {

class Better final : public GatePolicy {
 public:
  Better(std::string metric, double margin, std::int64_t min_rows)
      : metric_(std::move(metric)), margin_(margin), min_rows_(min_rows) {}

  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    std::vector<Verdict> verdicts;
    for (const Evidence& line : group) {
      if (auto refused = unjudgeable(line, min_rows_)) {
        verdicts.push_back(std::move(*refused));
      } else {
        verdicts.push_back(judge_line(line));
      }
    }
    return verdicts;
  }

 private:
  Verdict judge_line(const Evidence& line) const {
    const auto challenger = line.challenger_scores.get(metric_);
    const auto champion = line.champion_scores.get(metric_);
    Verdict verdict;
    verdict.line = line.line;
    Check check{.name = metric_, .value = challenger, .limit = std::nullopt, .pass = false, .note = ""};
    if (champion) check.limit = *champion + margin_;
    if (!challenger || !champion) {
      verdict.decision = Decision::insufficient;
      check.note = challenger ? undefined_text("champion", metric_, line.champion_scores)
                              : undefined_text("challenger", metric_, line.challenger_scores);
      verdict.reasons.push_back(fmt::format("{}: nothing can be compared on {} rows", check.note, line.rows));
    } else {
      check.pass = above(*challenger, *check.limit);
      check.note = fmt::format("must be above {} {} + margin {}", champion_text(line),
                               number_beside(*champion, *challenger), plain(margin_));
      verdict.decision = check.pass ? Decision::promote : Decision::keep;
      verdict.reasons.push_back(
          fmt::format("{}: {} of {} is {}above {} of {}{} on the same {} rows", metric_,
                      number_beside(*challenger, *check.limit), challenger_text(line),
                      check.pass ? "" : "not ", number_beside(*champion, *challenger), champion_text(line),
                      margin_ > 0 ? fmt::format(" + margin {}", plain(margin_)) : "", line.rows));
    }
    verdict.checks.push_back(std::move(check));
    return verdict;
  }

  std::string metric_;
  double margin_;
  std::int64_t min_rows_;
};

}  // namespace

GatePolicyKind better_policy() {
  GatePolicyKind kind{.name = "better",
                      .help = "one score of the challenger must be above the champion's on the same rows",
                      .schema = {},
                      .make = [](const Settings& settings) -> Result<std::unique_ptr<GatePolicy>> {
                        return std::make_unique<Better>(settings.text("metric"), settings.number("margin"),
                                                        settings.integer("min_rows"));
                      }};
  // Scores of which more is better; a comparison of losses would need the other sign.
  kind.schema.text("metric", "accuracy", "the score that is compared")
      .choices({"accuracy", "precision", "recall", "f1", "roc_auc", "win_rate", "win_rate_net", "sharpe",
                "total_return", "annual_return", "profit_factor"});
  kind.schema
      .number("margin", 0.0, "how much higher than the champion's the score must be, strictly above that")
      .range(0, 1);
  declare_min_rows(kind.schema, 200);
  return kind;
}

}  // namespace pawl::gates
