// Promote or keep. A policy is pure: the evidence of a group of lines in, a verdict with reasons for each
// out. A new policy is one file in policies/ and one line in policies.cc. Safe from any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/settings.h"
#include "domain/evidence.h"

namespace pawl::gates {

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
  Result<std::unique_ptr<GatePolicy>> (*make)(const Settings& settings);
};
const std::vector<GatePolicyKind>& gate_policy_kinds();
const GatePolicyKind* find_gate_policy_kind(std::string_view name);

}  // namespace pawl::gates
