// How far back the bars matter that a plan is computed from.
#include <algorithm>

#include "features/plan.h"

namespace pawl::features {

namespace {

std::size_t saturating_add(std::size_t a, std::size_t b) {
  return a > kForever - b ? kForever : a + b;
}
std::size_t saturating_multiply(std::size_t a, std::size_t b) {
  return b != 0 && a > kForever / b ? kForever : a * b;
}

// The least number of base bars that one higher bar of a trading week is made of. A session may cut the last
// bar of a day short, so the plain ratio of the timeframes would promise too much.
std::size_t least_base_bars(Timeframe timeframe, const FeatureList::Plan& plan) {
  constexpr TimeMs kSomeMonday = 1704715200000;  // 2024-01-08, far from any change of clocks
  CalendarCursor cursor(plan.calendar);
  const TimeSpan week = cursor.bucket(kW1, kSomeMonday + 2 * kDayMs);
  std::size_t least = kForever, count = 0;
  TimeMs higher_end = week.from;
  for (TimeMs time = week.from; time < week.to;) {
    if (time >= higher_end) {
      if (count > 0) least = std::min(least, count);
      count = 0;
      higher_end = cursor.bucket(timeframe, time).to;
    }
    const TimeMs end = cursor.bucket(plan.base, time).to;
    if (plan.calendar.trades_within(time, end)) ++count;
    time = end;
  }
  if (count > 0) least = std::min(least, count);
  return least == kForever ? 1 : least;
}

}  // namespace

// Wherever within a higher bar the first base bar falls. The market's clock may be put forward or back in
// between, and a session may end without closing its bar.
std::size_t FeatureList::Plan::in_base_bars(std::size_t bars, Timeframe timeframe) const {
  const auto ratio = static_cast<std::size_t>(timeframe.minutes() / base.minutes());
  std::size_t slack = 0;
  if (calendar.zone().name() != "UTC") slack += static_cast<std::size_t>(60 / base.minutes()) + 1;
  if (calendar.session() != "always") slack += 1;
  return saturating_add(saturating_multiply(bars, ratio), slack);
}

std::size_t FeatureList::Plan::memory_bars(double eps) const {
  // What is left of old bars passes from kind to kind and adds up: a quarter of eps for each leaves room for
  // three in a row and the rounding.
  std::vector<std::size_t> memory(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const PlanNode& node = nodes[i];
    for (const std::size_t input : node.inputs) memory[i] = std::max(memory[i], memory[input]);
    if (node.type == NodeType::kind) {
      memory[i] =
          saturating_add(memory[i], node.kind->memory_bars_in(market(node.group), node.parameters, eps / 4));
    }
    if (node.type == NodeType::join) {
      // One bar more: the first one of a window may have lost its beginning.
      const Timeframe timeframe = groups[nodes[node.inputs[0]].group].timeframe;
      memory[i] = in_base_bars(saturating_add(memory[i], 2), timeframe);
    }
  }
  std::size_t most = 0;
  for (const std::size_t output : outputs) most = std::max(most, saturating_add(memory[output], 1));
  return most;
}

// Backwards from the outputs: how many of a node's newest values must be right, and so how many bars of its
// group. Every kind gives its inputs what it needs itself and what it looks back.
std::vector<std::pair<Timeframe, std::size_t>> FeatureList::Plan::memory_by_timeframe(double eps) const {
  std::vector<std::size_t> values(nodes.size(), 0), bars(groups.size(), 0);
  bars[0] = 1;
  for (const std::size_t output : outputs) values[output] = 1;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const PlanNode& node = nodes[i];
    std::size_t wanted = values[i];
    if (node.type == NodeType::kind) {
      wanted = saturating_add(
          wanted, std::max(node.kind->memory_bars_in(market(node.group), node.parameters, eps / 4),
                           node.kind->warm_up_in(market(node.group), node.parameters)));
    }
    if (node.type == NodeType::join) {
      // As many higher bars as can close while those base bars do, and the one known at the first of them.
      const std::size_t each = least_base_bars(groups[nodes[node.inputs[0]].group].timeframe, *this);
      wanted = wanted == kForever ? kForever : (wanted - 1 + each - 1) / each + 1;
    }
    if (node.type != NodeType::join && node.type != NodeType::number) {
      bars[node.group] = std::max(bars[node.group], wanted);
    }
    for (const std::size_t input : node.inputs) values[input] = std::max(values[input], wanted);
  }
  std::vector<std::pair<Timeframe, std::size_t>> list;
  for (std::size_t i = 0; i < groups.size(); ++i) list.emplace_back(groups[i].timeframe, bars[i]);
  std::sort(list.begin() + 1, list.end());
  return list;
}

}  // namespace pawl::features
