#include "studies/compare_spec.h"

#include <gtest/gtest.h>

namespace pawl::studies {
namespace {

std::vector<std::string> names_of(const CompareSpec& spec) {
  std::vector<std::string> names;
  for (const PolicySpec& policy : spec.policies) names.push_back(policy.name);
  return names;
}

std::string mistake_in(std::string_view yaml) {
  const auto spec = read_compare_spec(yaml, "spec.yaml");
  return spec ? std::string() : spec.error().message;
}

TEST(CompareSpec, AGridIsEveryCombinationInOrder) {
  const auto spec = read_compare_spec(R"yaml(grid:
  gates: {better: {gate.policy: better}, always: {gate.policy: always}}
  triggers:
    weekly: {auto_training.enabled: false, triggers: [{kind: cron, schedule: "0 2 * * SUN"}]}
    as it is: {}
  windows: {90 d: {validation.window_days: 90}}
baseline: always / as it is / 90 d
)yaml",
                                      "spec.yaml");
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  EXPECT_EQ(names_of(*spec),
            (std::vector<std::string>{"better / weekly / 90 d", "better / as it is / 90 d",
                                      "always / weekly / 90 d", "always / as it is / 90 d"}));
  EXPECT_EQ(spec->baseline, "always / as it is / 90 d");
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"gate.policy", "\"better\""},
      {"auto_training.enabled", "false"},
      {"triggers", R"([{"kind":"cron","schedule":"0 2 * * SUN"}])"},
      {"validation.window_days", "90"}};
  EXPECT_EQ(spec->policies[0].set, wanted);
}

TEST(CompareSpec, AListComesBeforeTheGridAndItsFirstIsTheBaseline) {
  const auto spec = read_compare_spec(
      "policies: [{name: plain}, {name: never, set: {gate.policy: never}}]\n"
      "grid: {windows: {long: {validation.window_days: 365}}}\n",
      "spec.yaml");
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  EXPECT_EQ(names_of(*spec), (std::vector<std::string>{"plain", "never", "long"}));
  EXPECT_EQ(spec->baseline, "plain");
  EXPECT_TRUE(spec->policies[0].set.empty());
}

TEST(CompareSpec, MistakesNameFileLineAndWhatToDo) {
  EXPECT_EQ(mistake_in("policies:\n  - name: a\n    sets: {}\n"),
            "spec.yaml:3: policies.sets: unknown key; did you mean set?");
  EXPECT_EQ(mistake_in("grid:\n  gate: {}\n"), "spec.yaml:2: grid.gate: unknown key; did you mean gates?");
  EXPECT_EQ(mistake_in("grid:\n  gates: [better]\n"),
            "spec.yaml:2: grid.gates: must be a map of at least one name with what it sets");
  EXPECT_EQ(mistake_in("policies: [{name: a}, {name: a}]\n"),
            "spec.yaml:1: two policies are called \"a\"; give each a name of its own");
  EXPECT_EQ(mistake_in("policies: [{name: a}]\nbaseline: b\n"),
            "spec.yaml:2: baseline: there is no policy \"b\"; there is a");
  EXPECT_EQ(mistake_in("policies: [{set: {}}]\n"),
            "spec.yaml:1: policies.name: is missing: give every policy a name");
  EXPECT_EQ(mistake_in("baseline: a\n"),
            "spec.yaml: there is no policy; list some under `policies`, or give a `grid`");
}

}  // namespace
}  // namespace pawl::studies
