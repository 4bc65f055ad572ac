#include "app/feature_facts.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/format.h"
#include "features/engine.h"
#include "features/expr_names.h"
#include "features/plan.h"

namespace pawl::app {

namespace {

using features::FeatureKind;
using features::FeatureList;
using features::NodeType;
using features::PlanNode;

Json bars_or_null(std::size_t bars) {
  return bars == features::kForever ? Json() : Json(bars);
}

Json needs_json(const FeatureList& list) {
  return {{"needs_volume", list.needs_volume()},
          {"warm_up_bars", list.warm_up_bars()},
          {"memory_bars", bars_or_null(list.memory_bars(kMemoryEps))}};
}

// A kind with nothing but what must be said: inputs without a default are columns that every bar has.
std::string shortest_call(const FeatureKind& kind) {
  static constexpr std::array<std::string_view, 4> kInputs = {"close", "open", "high", "low"};
  if (kind.inputs == 0 || kind.default_input_close) return kind.name;
  const auto count = static_cast<std::size_t>(kind.inputs);
  assert(count <= kInputs.size());
  return fmt::format("{}({})", kind.name, fmt::join(std::span(kInputs).first(count), ","));
}

Json parameters_json(const FeatureKind& kind) {
  Json list = Json::array();
  for (const features::Parameter& parameter : kind.parameters) {
    list.push_back({{"name", parameter.name},
                    {"default", parameter.default_value},
                    {"min", parameter.min},
                    {"max", parameter.max},
                    {"whole", !parameter.fractional}});
  }
  return list;
}

std::vector<double> defaults_of(const FeatureKind& kind) {
  std::vector<double> values;
  for (const features::Parameter& parameter : kind.parameters) values.push_back(parameter.default_value);
  return values;
}

// The kinds that one computation makes together with this one, itself left out.
Json family_json(const FeatureKind& kind) {
  Json names = Json::array();
  if (kind.family.empty()) return names;
  for (const FeatureKind& other : features::feature_kinds()) {
    if (other.family == kind.family && other.name != kind.name) names.push_back(other.name);
  }
  return names;
}

// The nodes of a plan as a reader counts them: columns, numbers and outside series stand where they are read,
// everything that is computed has a number, from 1.
class Nodes {
 public:
  Nodes(const FeatureList& list, std::span<const std::string> outside)
      : list_(list), outside_(outside), plan_(list.plan()), number_(plan_.nodes.size(), 0) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
      if (!is_leaf(plan_.nodes[i])) number_[i] = ++count;
    }
  }

  Json json() const {
    Json list = Json::array();
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
      if (number_[i] > 0) list.push_back(node_json(i));
    }
    return list;
  }
  // Of a feature; 0 where it is a column by itself.
  std::size_t number_of(std::size_t feature) const { return number_[plan_.outputs[feature]]; }

 private:
  static bool is_leaf(const PlanNode& node) {
    return node.type == NodeType::column || node.type == NodeType::joined || node.type == NodeType::number;
  }

  std::string name(std::size_t i) const {
    const PlanNode& node = plan_.nodes[i];
    switch (node.type) {
      case NodeType::column:
        return std::string(features::kColumnNames[static_cast<std::size_t>(node.column)]);
      case NodeType::joined:
        return outside_[node.joined];
      case NodeType::number:
        return fmt::format("{}", node.number);
      default:
        return fmt::format("#{}", number_[i]);
    }
  }

  std::string text(const PlanNode& node) const {
    switch (node.type) {
      case NodeType::negation:
        return fmt::format("-{}", name(node.inputs[0]));
      case NodeType::operation:
        return fmt::format("{} {} {}", name(node.inputs[0]), node.operation, name(node.inputs[1]));
      case NodeType::join:
        return fmt::format("{} of the newest closed {} bar", name(node.inputs[0]),
                           timeframe_of(plan_.nodes[node.inputs[0]]));
      case NodeType::output:
        return fmt::format("{} of {}", output_kind(node), name(node.inputs[0]));
      default:
        return call_text(node);
    }
  }

  std::string call_text(const PlanNode& node) const {
    std::vector<std::string> arguments;
    for (const std::size_t input : node.inputs) arguments.push_back(name(input));
    for (const double parameter : node.parameters) arguments.push_back(fmt::format("{}", parameter));
    const std::string& called = node.kind->family.empty() ? node.kind->name : node.kind->family;
    return arguments.empty() ? called : fmt::format("{}({})", called, fmt::join(arguments, ","));
  }

  std::string output_kind(const PlanNode& node) const {
    const FeatureKind& source = *plan_.nodes[node.inputs[0]].kind;
    const auto& kinds = features::feature_kinds();
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const FeatureKind& one) {
      return one.family == source.family && one.output == node.output;
    });
    return kind == kinds.end() ? fmt::format("output {}", node.output) : kind->name;
  }

  std::string timeframe_of(const PlanNode& node) const { return plan_.groups[node.group].timeframe.name(); }

  Json node_json(std::size_t i) const {
    const PlanNode& node = plan_.nodes[i];
    Json used_by = Json::array();
    for (std::size_t other = i + 1; other < plan_.nodes.size(); ++other) {
      const std::vector<std::size_t>& inputs = plan_.nodes[other].inputs;
      if (std::find(inputs.begin(), inputs.end(), i) != inputs.end()) used_by.push_back(number_[other]);
    }
    Json features = Json::array();
    for (std::size_t feature = 0; feature < plan_.outputs.size(); ++feature) {
      if (plan_.outputs[feature] == i) features.push_back(list_.specs()[feature]);
    }
    const bool shared = used_by.size() + features.size() > 1;
    return {{"node", number_[i]},
            {"computes", text(node)},
            {"used_by", used_by},
            {"features", features},
            {"shared", shared},
            {"timeframe", timeframe_of(node)},
            {"warm_up_bars", node.warm_up + 1}};
  }

  const FeatureList& list_;
  std::span<const std::string> outside_;
  const FeatureList::Plan& plan_;
  std::vector<std::size_t> number_;  // by node
};

}  // namespace

Json kind_json(const FeatureKind& kind, const FeatureBars& bars) {
  const std::string call = shortest_call(kind);
  const auto list = FeatureList::parse(std::vector{call}, bars.timeframe, bars.calendar);
  assert(list.has_value());  // defaults are within their ranges
  Json json = {{"kind", kind.name},
               {"group", kind.group},
               {"usage", features::usage(kind)},
               {"help", kind.help},
               {"inputs", kind.inputs},
               {"input_default", kind.default_input_close ? Json("close") : Json()},
               {"parameters", parameters_json(kind)},
               {"unit", features::unit_name(kind.unit)},
               {"definition", kind.definition ? Json(kind.definition(defaults_of(kind))) : Json()},
               {"family", kind.family.empty() ? Json() : Json(kind.family)},
               {"computed_with", family_json(kind)},
               {"never_missing", list->plan().nodes[list->plan().outputs[0]].gapless},
               {"cost", kind.cost},
               {"source", kind.source},
               {"version", kind.version},
               {"at_defaults", list->specs()[0]}};
  json.update(needs_json(*list));
  return json;
}

Json kinds_json(const FeatureBars& bars) {
  Json list = Json::array();
  for (const FeatureKind& kind : features::feature_kinds()) list.push_back(kind_json(kind, bars));
  return list;
}

Result<Json> expressions_json(std::span<const std::string> expressions, const FeatureBars& bars) {
  auto list = FeatureList::parse(expressions, bars.timeframe, bars.calendar, bars.outside);
  if (!list) return propagate(list);
  const Nodes nodes(*list, bars.outside);
  Json each = Json::array();
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto alone = FeatureList::parse(std::span(list->specs()).subspan(i, 1), bars.timeframe, bars.calendar,
                                    bars.outside);
    if (!alone) return propagate(alone);
    Json json = {{"feature", list->specs()[i]}, {"node", nodes.number_of(i)}};
    json.update(needs_json(*alone));
    each.push_back(std::move(json));
  }
  Json windows = Json::array();
  for (const auto& [timeframe, needed] : list->memory_by_timeframe(kMemoryEps)) {
    windows.push_back({{"timeframe", timeframe.name()}, {"bars", bars_or_null(needed)}});
  }
  Json json = {{"timeframe", bars.timeframe.name()}, {"features", std::move(each)},
               {"outside", list->plan().joined},     {"nodes", nodes.json()},
               {"windows", std::move(windows)},      {"hash", list->hash()}};
  json.update(needs_json(*list));
  return json;
}

}  // namespace pawl::app
