// What has to be computed for a list of features, in an order in which it can be: a graph whose nodes are
// columns, numbers, operations and kinds, each distinct one once, grouped by the timeframe it is computed on.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "domain/calendar.h"
#include "features/engine.h"
#include "features/expr.h"

namespace pawl::features {

enum class NodeType : std::uint8_t { column, joined, number, negation, operation, kind, output, join };

struct PlanNode {
  NodeType type = NodeType::number;
  std::size_t group = 0;                 // whose bars it has values for
  std::vector<std::size_t> inputs = {};  // nodes that stand before this one
  double number = 0;
  Column column = Column::close;
  std::size_t joined = 0;  // column of the bars' joined ones
  char operation = 0;
  const FeatureKind* kind = nullptr;
  std::vector<double> parameters = {};
  std::vector<std::uint8_t> read = {1};  // of a kind: by output, whether anything reads it
  std::size_t output = 0;                // of type output: which one of its input, a kind, it is
  bool gapless = false;                  // never missing again after its first value
  std::size_t warm_up = 0;  // index of the first valid output, in bars of its group, at the latest
};

struct PlanGroup {
  Timeframe timeframe;
  std::vector<std::size_t> nodes;  // in an order in which inputs come first
};

struct FeatureList::Plan {
  Timeframe base;
  MarketCalendar calendar;
  std::vector<std::string> specs;  // canonical
  std::string hash;
  std::vector<PlanNode> nodes;        // inputs before those that use them, over all groups
  std::vector<PlanGroup> groups;      // [0] is the base; nodes there of type join look into the others
  std::vector<std::size_t> outputs;   // the node of each spec
  std::set<std::string> joined = {};  // names of the outside series used
  std::set<std::string> kinds = {};   // name and version of every kind, those within definitions included
  bool needs_volume = false;
  std::size_t warm_up_bars = 0;

  Market market(std::size_t group) const { return {groups[group].timeframe, calendar}; }
  // Base bars that hold `bars` closed bars of a higher timeframe.
  std::size_t in_base_bars(std::size_t bars, Timeframe timeframe) const;
  std::size_t memory_bars(double eps) const;
  std::vector<std::pair<Timeframe, std::size_t>> memory_by_timeframe(double eps) const;
};

// The plan of expressions that are known to be valid.
FeatureList::Plan make_plan(const std::vector<Expr>& features, Timeframe base,
                            const MarketCalendar& calendar);

}  // namespace pawl::features
