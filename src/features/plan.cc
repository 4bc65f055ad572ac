#include "features/plan.h"

#include <algorithm>
#include <set>

#include "base/hash.h"

namespace pawl::features {

namespace {

class Planner {
 public:
  explicit Planner(FeatureList::Plan& plan) : plan_(plan) {}

  std::size_t add(const Expr& expr, std::size_t group) {
    if (expr.timeframe) {
      const std::size_t higher = group_of(*expr.timeframe);
      Expr inner = expr;
      inner.timeframe.reset();
      PlanNode join{.type = NodeType::join, .group = group, .inputs = {add(inner, higher)}};
      const std::size_t closed = plan_.nodes[join.inputs[0]].warm_up + 1;
      join.warm_up = plan_.in_base_bars(closed, *expr.timeframe) - 1;
      return place(fmt::format("{}|{}", group, canonical_text(expr)), std::move(join));
    }
    const std::string key = fmt::format("{}|{}", group, canonical_text(expr));
    if (const auto known = by_text_.find(key); known != by_text_.end()) return known->second;
    PlanNode node{.group = group};
    for (const Expr& operand : expr.operands) {
      node.inputs.push_back(add(operand, group));
      node.warm_up = std::max(node.warm_up, plan_.nodes[node.inputs.back()].warm_up);
    }
    switch (expr.type) {
      case Expr::Type::number:
        node.type = NodeType::number;
        node.number = expr.number;
        break;
      case Expr::Type::column:
        node.type = NodeType::column;
        node.column = expr.column;
        plan_.needs_volume |= expr.column == Column::volume;
        break;
      case Expr::Type::joined:
        node.type = NodeType::joined;
        node.joined = expr.joined;
        plan_.joined.insert(expr.joined_name);
        break;
      case Expr::Type::negation:
        node.type = NodeType::negation;
        break;
      case Expr::Type::operation:
        node.type = NodeType::operation;
        node.operation = expr.operation;
        break;
      case Expr::Type::call:
        node.type = NodeType::kind;
        node.kind = expr.kind;
        node.parameters = expr.parameters;
        node.warm_up += expr.kind->warm_up_in(plan_.market(group), expr.parameters);
        plan_.needs_volume |= expr.kind->needs_volume;
        break;
    }
    return place(key, std::move(node));
  }

 private:
  std::size_t group_of(Timeframe timeframe) {
    for (std::size_t i = 1; i < plan_.groups.size(); ++i) {
      if (plan_.groups[i].timeframe == timeframe) return i;
    }
    plan_.groups.push_back({.timeframe = timeframe, .nodes = {}});
    return plan_.groups.size() - 1;
  }

  std::size_t place(const std::string& key, PlanNode node) {
    const auto [known, is_new] = by_text_.try_emplace(key, plan_.nodes.size());
    if (is_new) {
      plan_.groups[node.group].nodes.push_back(plan_.nodes.size());
      plan_.nodes.push_back(std::move(node));
    }
    return known->second;
  }

  FeatureList::Plan& plan_;
  std::map<std::string, std::size_t> by_text_;  // group and canonical text
};

std::string hash_of(const FeatureList::Plan& plan) {
  std::string text = fmt::format("pawl features 1\nbase {}\nday {}\nsession {}\n", plan.base.name(),
                                 plan.calendar.day_anchor(), plan.calendar.session());
  for (const std::string& spec : plan.specs) text += fmt::format("feature {}\n", spec);
  std::set<std::string> kinds;
  for (const PlanNode& node : plan.nodes) {
    if (node.kind != nullptr) kinds.insert(fmt::format("kind {} {}\n", node.kind->name, node.kind->version));
  }
  for (const std::string& kind : kinds) text += kind;
  for (const std::string& name : plan.joined) text += fmt::format("joined {}\n", name);
  return sha256_hex(text);
}

}  // namespace

FeatureList::Plan make_plan(const std::vector<Expr>& features, Timeframe base,
                            const MarketCalendar& calendar) {
  FeatureList::Plan plan{.base = base,
                         .calendar = calendar,
                         .specs = {},
                         .hash = {},
                         .nodes = {},
                         .groups = {{.timeframe = base, .nodes = {}}},
                         .outputs = {}};
  Planner planner(plan);
  for (const Expr& feature : features) {
    plan.specs.push_back(canonical_text(feature));
    plan.outputs.push_back(planner.add(feature, 0));
    plan.warm_up_bars = std::max(plan.warm_up_bars, plan.nodes[plan.outputs.back()].warm_up + 1);
  }
  plan.hash = hash_of(plan);
  return plan;
}

}  // namespace pawl::features
