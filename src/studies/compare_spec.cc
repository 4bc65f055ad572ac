#include "studies/compare_spec.h"

#include <algorithm>
#include <array>

#include "base/config_node.h"
#include "base/format.h"
#include "base/settings.h"

namespace pawl::studies {

namespace {

using Kind = ConfigNode::Kind;
using Sets = std::vector<std::pair<std::string, std::string>>;

std::unexpected<Error> mistake(const ConfigNode& node, std::string_view key, std::string_view what) {
  return fail(ErrorCode::bad_config, "{}: {}", keyed_place(node.place, key), what);
}

Status expect_keys(const ConfigNode& node, std::string_view where, const std::vector<std::string>& known) {
  if (node.kind != Kind::map) return mistake(node, where, "must be a map");
  for (const auto& [key, value] : node.fields) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const std::string nearest = nearest_word(key, known);
    const std::string hint = nearest.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                             : fmt::format("did you mean {}?", nearest);
    return mistake(value, where.empty() ? key : fmt::format("{}.{}", where, key), "unknown key; " + hint);
  }
  return {};
}

// Keys of a recipe with their values, as --set would be given them.
Result<Sets> read_sets(const ConfigNode& node, std::string_view where) {
  if (node.kind == Kind::null) return Sets{};
  if (node.kind != Kind::map) {
    return mistake(node, where, "must be a map of the recipe's keys, as in {gate.policy: better}");
  }
  Sets sets;
  for (const auto& [key, value] : node.fields) sets.emplace_back(key, to_json(value).dump());
  return sets;
}

Result<PolicySpec> read_policy(const ConfigNode& node) {
  if (Status known = expect_keys(node, "policies", {"name", "set"}); !known) return propagate(known);
  const ConfigNode* name = node.find("name");
  if (name == nullptr || name->kind != Kind::scalar || name->scalar.empty()) {
    return mistake(node, "policies.name", "is missing: give every policy a name");
  }
  PolicySpec policy{.name = name->scalar, .set = {}, .place = node.place};
  if (const ConfigNode* set = node.find("set")) {
    auto sets = read_sets(*set, "policies.set");
    if (!sets) return propagate(sets);
    policy.set = std::move(*sets);
  }
  return policy;
}

struct Choice {
  std::string name;
  Sets set;
  std::string place;
};

constexpr std::array<std::string_view, 3> kDimensions = {"gates", "triggers", "windows"};

Result<std::vector<PolicySpec>> read_grid(const ConfigNode& grid) {
  if (Status known = expect_keys(grid, "grid", {kDimensions.begin(), kDimensions.end()}); !known) {
    return propagate(known);
  }
  std::vector<PolicySpec> combined = {{.name = {}, .set = {}, .place = grid.place}};
  for (const std::string_view dimension : kDimensions) {
    const ConfigNode* choices = grid.find(dimension);
    if (choices == nullptr) continue;
    const std::string where = fmt::format("grid.{}", dimension);
    if (choices->kind != Kind::map || choices->fields.empty()) {
      return mistake(*choices, where, "must be a map of at least one name with what it sets");
    }
    std::vector<PolicySpec> next;
    for (const PolicySpec& before : combined) {
      for (const auto& [name, node] : choices->fields) {
        auto sets = read_sets(node, fmt::format("{}.{}", where, name));
        if (!sets) return propagate(sets);
        PolicySpec one = before;
        one.name += one.name.empty() ? name : " / " + name;
        one.place = node.place;
        one.set.insert(one.set.end(), sets->begin(), sets->end());
        next.push_back(std::move(one));
      }
    }
    combined = std::move(next);
  }
  if (combined.front().name.empty()) {
    return mistake(grid, "grid", "is empty: name gates, triggers or windows");
  }
  return combined;
}

}  // namespace

Result<CompareSpec> read_compare_spec(std::string_view yaml, std::string_view file_name) {
  auto root = parse_yaml(yaml, file_name);
  if (!root) return propagate(root);
  if (Status known = expect_keys(*root, "", {"policies", "grid", "baseline"}); !known)
    return propagate(known);
  CompareSpec spec;
  if (const ConfigNode* policies = root->find("policies")) {
    if (policies->kind != Kind::list) return mistake(*policies, "policies", "must be a list");
    for (const ConfigNode& item : policies->items) {
      auto policy = read_policy(item);
      if (!policy) return propagate(policy);
      spec.policies.push_back(std::move(*policy));
    }
  }
  if (const ConfigNode* grid = root->find("grid")) {
    auto policies = read_grid(*grid);
    if (!policies) return propagate(policies);
    std::ranges::move(*policies, std::back_inserter(spec.policies));
  }
  if (spec.policies.empty()) {
    return fail(ErrorCode::bad_config, "{}: there is no policy; list some under `policies`, or give a `grid`",
                file_name);
  }
  for (std::size_t i = 0; i < spec.policies.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (spec.policies[i].name != spec.policies[k].name) continue;
      return fail(ErrorCode::bad_config, "{}: two policies are called \"{}\"; give each a name of its own",
                  spec.policies[i].place, spec.policies[i].name);
    }
  }
  spec.baseline = spec.policies.front().name;
  if (const ConfigNode* baseline = root->find("baseline")) {
    spec.baseline = baseline->scalar;
    std::vector<std::string> names;
    for (const PolicySpec& policy : spec.policies) names.push_back(policy.name);
    if (std::ranges::find(names, spec.baseline) == names.end()) {
      return mistake(
          *baseline, "baseline",
          fmt::format("there is no policy \"{}\"; there is {}", spec.baseline, fmt::join(names, ", ")));
    }
  }
  return spec;
}

}  // namespace pawl::studies
