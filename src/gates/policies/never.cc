// Keep the champion for ever: what a system that trains once does. For comparison in replay.
#include "gates/gate_policy.h"
#include "gates/judging_words.h"

namespace pawl::gates {
namespace {

class Never final : public GatePolicy {
 public:
  Never(std::int64_t min_rows, bool first_model) : min_rows_(min_rows), first_model_(first_model) {}

  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    std::vector<Verdict> verdicts;
    for (const Evidence& line : group) {
      if (auto refused = unjudgeable(line, min_rows_)) {
        verdicts.push_back(std::move(*refused));
        continue;
      }
      Verdict verdict;
      verdict.line = line.line;
      if (first_model_ && line.first_model) {
        // Without it "never retrain" could only be compared as "never train".
        verdict.decision = Decision::promote;
        verdict.reasons.push_back(
            fmt::format("never: {} is the first model and stays from now on ({} judged rows)",
                        challenger_text(line), line.rows));
        verdicts.push_back(std::move(verdict));
        continue;
      }
      verdict.decision = Decision::keep;
      verdict.reasons.push_back(fmt::format("never: {} stays whatever {} scores ({} judged rows)",
                                            champion_text(line), challenger_text(line), line.rows));
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }

 private:
  std::int64_t min_rows_;
  bool first_model_;
};

}  // namespace

GatePolicyKind never_policy() {
  GatePolicyKind kind{.name = "never",
                      .help = "the first model stays, whatever later challengers score",
                      .schema = {},
                      .make = [](const Settings& settings) -> Result<std::unique_ptr<GatePolicy>> {
                        return std::make_unique<Never>(settings.integer("min_rows"),
                                                       settings.boolean("first_model"));
                      }};
  kind.schema.boolean("first_model", true, "a first model may take over from the rules baseline");
  declare_min_rows(kind.schema, 0);
  return kind;
}

}  // namespace pawl::gates
