#include "studies/gate_forms.h"

#include <cassert>

#include "training/prepared.h"

namespace pawl::studies {

namespace {

Result<std::unique_ptr<gates::GatePolicy>> make_gate(const std::string& policy, const Json& given) {
  const gates::GatePolicyKind* kind = gates::find_gate_policy_kind(policy);
  assert(kind != nullptr);
  const auto settings = training::settings_from_json(kind->schema, given, policy);
  if (!settings) return propagate(settings);
  return kind->make(*settings);
}

}  // namespace

Result<std::vector<GateForm>> gate_forms(std::optional<std::int64_t> resamples) {
  struct Named {
    const char *policy, *form;
    Json given;
  };
  const std::vector<Named> named = {
      {"composite", "scaled", {{"form", "scaled"}}},
      {"composite", "relative", {{"form", "relative"}}},
      {"better", "margin 0", {{"margin", 0}}},
      {"better", "margin 0.01", {{"margin", 0.01}}},
      {"threshold", "relative", {{"variant", "relative"}}},
      {"threshold", "absolute", {{"variant", "absolute"}}},
      // Nothing that learns from prices reaches the originals' floors; with these the rest of the rule shows.
      {"threshold",
       "relative, floors 0.5",
       {{"variant", "relative"}, {"min_f1", 0.5}, {"min_accuracy", 0.5}}},
      {"always", "", Json::object()},
      {"never", "", Json::object()},
      {"sound", "superior", {{"claim", "superior"}}},
      {"sound", "not_worse", {{"claim", "not_worse"}}},
  };
  std::vector<GateForm> forms;
  for (const Named& one : named) {
    Json settings = one.given;
    if (resamples && gates::find_gate_policy_kind(one.policy)->schema.find("resamples") != nullptr) {
      settings["resamples"] = *resamples;
    }
    auto gate = make_gate(one.policy, settings);
    if (!gate) return propagate(gate);
    forms.push_back({one.policy, one.form, std::move(settings), std::move(*gate)});
  }
  return forms;
}

}  // namespace pawl::studies
