// Promote or keep. A policy is pure: the evidence of a group of lines in, a verdict with reasons for each
// out. Safe from any thread; holds nothing but its settings. What each policy asks: docs/gate-policies.md.
//
// A new policy is one file in policies/ that defines `GatePolicyKind name_policy()`, and its name in
// policies.cc. See policies/better.cc for the shortest real one.
//
//   const GatePolicyKind* kind = find_gate_policy_kind("better");
//   auto settings = Settings::read(kind->schema, node, "gate");
//   auto policy = kind->make(*settings);
//   std::vector<Verdict> verdicts = (*policy)->judge(evidence_of_the_group);
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "domain/evidence.h"

namespace pawl::gates {

// Every policy keeps these promises; tests/contract/gate_contract_test.cc holds them to it:
// - a line that is not eligible, or has fewer rows than the setting `min_rows`, is `insufficient`;
// - a score that the policy needs and the challenger lacks is never taken for a number: the line is not
//   promoted, and the reason says which score and why it is undefined;
// - the same evidence and settings give the same verdicts.
class GatePolicy {
 public:
  virtual ~GatePolicy() = default;
  // One verdict per line, in the order given; every reason is a plain sentence with the numbers in it.
  virtual std::vector<Verdict> judge(std::span<const Evidence> group) const = 0;
};

struct GatePolicyKind {
  std::string name;  // "better"
  std::string help;
  Schema schema;
  // bad_config where settings that are each in range do not go together.
  Result<std::unique_ptr<GatePolicy>> (*make)(const Settings& settings);
};
// All policies, sorted by name.
const std::vector<GatePolicyKind>& gate_policy_kinds();
// Null where there is no such policy.
const GatePolicyKind* find_gate_policy_kind(std::string_view name);

}  // namespace pawl::gates
