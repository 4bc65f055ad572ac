#include "features/plan.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "base/hash.h"

namespace pawl::features {

namespace {

// Puts a call's operands where its kind's definition says x, y and z.
void put_in(Expr& expr, const std::vector<Expr>& operands) {
  if (expr.type == Expr::Type::joined) {
    expr = Expr(operands[expr.joined]);
    return;
  }
  for (Expr& operand : expr.operands) put_in(operand, operands);
}

// What a call of a kind with a definition is: a tree without it.
Expr defined(const Expr& call, Timeframe base) {
  static const std::vector<std::string> names = {"x", "y", "z"};
  auto body = parse_expression(call.kind->definition(call.parameters), base, names);
  assert(body.has_value());  // a test reads the definitions of all kinds
  put_in(*body, call.operands);
  return *body;
}

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
      join.gapless = plan_.nodes[join.inputs[0]].gapless;
      return place(fmt::format("{}|{}", group, canonical_text(expr)), std::move(join));
    }
    const std::string text = canonical_text(expr);
    const std::string key = fmt::format("{}|{}", group, text);
    if (const auto known = by_text_.find(key); known != by_text_.end()) return known->second;
    if (expr.kind != nullptr) {
      plan_.kinds.insert(fmt::format("kind {} {}\n", expr.kind->name, expr.kind->version));
      if (expr.kind->definition) {
        const std::size_t node = add(defined(expr, plan_.base), group);
        by_text_.emplace(key, node);
        return node;
      }
      if (!expr.kind->family.empty()) return add_output(expr, group, key, text);
    }
    return place(key, node_of(expr, group));
  }

 private:
  // One of the values of a computation that several kinds read.
  std::size_t add_output(const Expr& expr, std::size_t group, const std::string& key,
                         const std::string& text) {
    const std::string arguments = text.substr(expr.kind->name.size());
    const std::string family = fmt::format("{}|family {}{}", group, expr.kind->family, arguments);
    const auto known = by_text_.find(family);
    const std::size_t source = known != by_text_.end() ? known->second : place(family, node_of(expr, group));
    PlanNode& computed = plan_.nodes[source];
    computed.read.resize(expr.kind->outputs, 0);
    if (known == by_text_.end()) computed.read[0] = 0;
    computed.read[expr.kind->output] = 1;
    plan_.needs_volume |= expr.kind->needs_volume;
    PlanNode node{.type = NodeType::output, .group = group, .inputs = {source}};
    node.output = expr.kind->output;
    node.gapless = computed.gapless;
    node.warm_up = computed.warm_up;
    return place(key, std::move(node));
  }

  PlanNode node_of(const Expr& expr, std::size_t group) {
    PlanNode node{.group = group, .gapless = true};
    for (const Expr& operand : expr.operands) {
      node.inputs.push_back(add(operand, group));
      node.warm_up = std::max(node.warm_up, plan_.nodes[node.inputs.back()].warm_up);
      node.gapless = node.gapless && plan_.nodes[node.inputs.back()].gapless;
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
        node.gapless = false;
        plan_.joined.insert(expr.joined_name);
        break;
      case Expr::Type::negation:
        node.type = NodeType::negation;
        break;
      case Expr::Type::operation:
        node.type = NodeType::operation;
        node.operation = expr.operation;
        node.gapless = node.gapless && expr.operation != '/';
        break;
      case Expr::Type::call:
        node.type = NodeType::kind;
        node.kind = expr.kind;
        node.parameters = expr.parameters;
        node.gapless = node.gapless && expr.kind->gapless;
        node.warm_up += expr.kind->warm_up_in(plan_.market(group), expr.parameters);
        plan_.needs_volume |= expr.kind->needs_volume;
        break;
    }
    return node;
  }

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
  for (const std::string& kind : plan.kinds) text += kind;
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
