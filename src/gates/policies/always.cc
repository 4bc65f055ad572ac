// Replace the champion whenever there is a challenger: what a system without a gate does. For comparison in
// replay.
#include "gates/gate_policy.h"
#include "gates/judging_words.h"

namespace pawl::gates {
namespace {

class Always final : public GatePolicy {
 public:
  explicit Always(std::int64_t min_rows) : min_rows_(min_rows) {}

  std::vector<Verdict> judge(std::span<const Evidence> group) const override {
    std::vector<Verdict> verdicts;
    for (const Evidence& line : group) {
      if (auto refused = unjudgeable(line, min_rows_)) {
        verdicts.push_back(std::move(*refused));
        continue;
      }
      Verdict verdict;
      verdict.line = line.line;
      verdict.decision = Decision::promote;
      verdict.reasons.push_back(fmt::format("always: {} replaces {} whatever its scores ({} judged rows)",
                                            challenger_text(line), champion_text(line), line.rows));
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }

 private:
  std::int64_t min_rows_;
};

}  // namespace

GatePolicyKind always_policy() {
  GatePolicyKind kind{.name = "always",
                      .help = "the challenger replaces the champion, whatever its scores",
                      .schema = {},
                      .make = [](const Settings& settings) -> Result<std::unique_ptr<GatePolicy>> {
                        return std::make_unique<Always>(settings.integer("min_rows"));
                      }};
  declare_min_rows(kind.schema, 50);
  return kind;
}

}  // namespace pawl::gates
