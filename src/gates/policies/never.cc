// Keep the champion for ever. For comparison in replay.
#include "gates/gate_policy.h"
#include "gates/judging_words.h"

namespace pawl::gates {
namespace {

class Never final : public GatePolicy {
 public:
  explicit Never(std::int64_t min_rows) : min_rows_(min_rows) {}

  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    std::vector<Verdict> verdicts;
    for (const Evidence& line : group) {
      if (auto refused = unjudgeable(line, min_rows_)) {
        verdicts.push_back(std::move(*refused));
        continue;
      }
      Verdict verdict;
      verdict.line = line.line;
      verdict.decision = Decision::keep;
      verdict.reasons.push_back(fmt::format("never: {} stays whatever {} scores ({} judged rows)",
                                            champion_text(line), challenger_text(line), line.rows));
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }

 private:
  std::int64_t min_rows_;
};

}  // namespace

GatePolicyKind never_policy() {
  GatePolicyKind kind{.name = "never",
                      .help = "the champion stays, whatever the challenger scores",
                      .schema = {},
                      .make = [](const Settings& settings) -> Result<std::unique_ptr<GatePolicy>> {
                        return std::make_unique<Never>(settings.integer("min_rows"));
                      }};
  declare_min_rows(kind.schema, 0);
  return kind;
}

}  // namespace pawl::gates
