#include "features/windows.h"

#include <algorithm>
#include <cassert>

#include "features/kinds/step.h"
#include "features/node_values.h"
#include "features/plan.h"

namespace pawl::features {

namespace {

// Older bars than those that matter by this are not computed on: far below what a window promises, and the
// bulk of the work for averages over a few bars.
constexpr double kNegligible = 1e-12;

// Of one node: how many of its newest values are read, and how many of its inputs' it makes them from.
struct Reach {
  std::size_t values = 0, inputs = 0;
};

std::size_t saturating_add(std::size_t a, std::size_t b) {
  return a > kForever - b ? kForever : a + b;
}

// Backwards from the outputs, which are read at the last bar. What an input had missing is stepped over, so
// that a kind on one with gaps may reach back further than its memory: it is given all there is.
std::vector<Reach> reaches_of(const FeatureList::Plan& plan) {
  std::vector<Reach> reaches(plan.nodes.size());
  for (const std::size_t output : plan.outputs) reaches[output].values = 1;
  for (std::size_t i = plan.nodes.size(); i-- > 0;) {
    const PlanNode& node = plan.nodes[i];
    Reach& reach = reaches[i];
    reach.inputs = reach.values;
    if (node.type == NodeType::kind) {
      const bool without_gaps = std::all_of(node.inputs.begin(), node.inputs.end(),
                                            [&](std::size_t input) { return plan.nodes[input].gapless; });
      const Market market = plan.market(node.group);
      reach.inputs =
          without_gaps
              ? saturating_add(reach.values,
                               std::max(node.kind->memory_bars_in(market, node.parameters, kNegligible),
                                        node.kind->warm_up_in(market, node.parameters)))
              : kForever;
    }
    // Several base bars may see higher bars that lie far apart.
    if (node.type == NodeType::join && reach.values > 1) reach.inputs = kForever;
    for (const std::size_t input : node.inputs) {
      reaches[input].values = std::max(reaches[input].values, reach.inputs);
    }
  }
  return reaches;
}

}  // namespace

struct WindowEngine::State {
  explicit State(FeatureList features);

  Status last_row(std::span<const Window> windows, std::span<double> row, std::span<std::uint8_t> ready);

  FeatureList list;

 private:
  Status take(std::span<const Window> windows);
  void make_room(std::size_t bars);
  void compute(std::size_t group);
  void compute_join(std::size_t node, std::size_t first);
  // The first base bar at which a node of the base can have its first value, by node.
  void find_first();

  const FeatureList::Plan& plan_;
  const simd::Kernels& kernels_ = simd::kernels(simd::Width::widest);
  const std::vector<Reach> reaches_;
  std::vector<std::unique_ptr<Feature>> fresh_, working_;  // by node; null where the node is no kind
  std::vector<std::size_t> own_warm_up_;                   // by node; what the kind adds to its inputs'
  std::vector<BarBlock> bars_;  // by group; higher ones closed by the last base bar
  std::size_t rooms_ = 0;       // outputs of all nodes
  std::size_t room_ = 0;        // bars that the buffer holds of each
  std::vector<double> buffer_;
  std::vector<double*> computed_;                // by node: its part of the buffer
  std::vector<const double*> values_;            // by node: that, or the column of the bars
  std::vector<std::span<const double>> inputs_;  // for one call
  std::vector<std::span<double>> outputs_;       // for one call
  std::vector<std::size_t> first_;               // by node of the base; kForever: not within the window
};

WindowEngine::State::State(FeatureList features)
    : list(std::move(features)), plan_(list.plan()), reaches_(reaches_of(plan_)) {
  const std::size_t count = plan_.nodes.size();
  fresh_.resize(count);
  working_.resize(count);
  own_warm_up_.resize(count, 0);
  computed_.resize(count);
  values_.resize(count);
  first_.resize(count, 0);
  bars_.resize(plan_.groups.size());
  std::size_t most_inputs = 0, most_outputs = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const PlanNode& node = plan_.nodes[i];
    most_inputs = std::max(most_inputs, node.inputs.size());
    most_outputs = std::max(most_outputs, node.read.size());
    rooms_ += node.read.size();
    if (node.type != NodeType::kind) continue;
    const Market market = plan_.market(node.group);
    fresh_[i] = node.kind->make_in(market, node.parameters);
    working_[i] = node.kind->make_in(market, node.parameters);
    own_warm_up_[i] = node.kind->warm_up_in(market, node.parameters);
  }
  inputs_.resize(most_inputs);
  outputs_.resize(most_outputs);
}

void WindowEngine::State::make_room(std::size_t bars) {
  if (bars <= room_) return;
  room_ = bars;
  buffer_.resize(rooms_ * room_);
  double* room = buffer_.data();
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    const PlanNode& node = plan_.nodes[i];
    values_[i] = computed_[i] = room;
    room += node.read.size() * room_;
    if (node.type == NodeType::output) values_[i] = computed_[node.inputs[0]] + node.output * room_;
    if (node.type == NodeType::number) std::fill_n(computed_[i], room_, node.number);
  }
}

Status WindowEngine::State::take(std::span<const Window> windows) {
  if (!plan_.joined.empty()) {
    return fail(ErrorCode::invalid_argument,
                "the features read the outside series {}, which posted windows do not carry; ask with stored "
                "bars",
                fmt::join(plan_.joined, ", "));
  }
  std::size_t longest = 0;
  for (std::size_t group = 0; group < plan_.groups.size(); ++group) {
    const Timeframe timeframe = plan_.groups[group].timeframe;
    const auto window = std::find_if(windows.begin(), windows.end(),
                                     [&](const Window& one) { return one.timeframe == timeframe; });
    if (window == windows.end()) {
      return fail(ErrorCode::insufficient_data,
                  "the window of {} is missing: features are computed on closed bars of it",
                  timeframe.name());
    }
    bars_[group] = window->bars;
    if (group == 0 && window->bars.size() == 0) {
      return fail(ErrorCode::insufficient_data, "the window of {} holds no closed bar", timeframe.name());
    }
    if (group > 0) {
      const std::span<const TimeMs> closes = window->bars.close_time;
      const auto known = std::upper_bound(closes.begin(), closes.end(), bars_[0].close_time.back());
      bars_[group] = window->bars.part(0, static_cast<std::size_t>(known - closes.begin()));
    }
    longest = std::max(longest, bars_[group].size());
  }
  make_room(longest);
  return {};
}

Status WindowEngine::State::last_row(std::span<const Window> windows, std::span<double> row,
                                     std::span<std::uint8_t> ready) {
  assert(row.size() == plan_.outputs.size() && ready.size() == row.size());
  if (Status taken = take(windows); !taken) return taken;
  for (std::size_t group = 1; group < plan_.groups.size(); ++group) compute(group);
  compute(0);
  find_first();
  const std::size_t last = bars_[0].size() - 1;
  for (std::size_t column = 0; column < row.size(); ++column) {
    const std::size_t output = plan_.outputs[column];
    row[column] = values_[output][last];
    ready[column] = first_[output] <= last ? 1 : 0;
  }
  return {};
}

void WindowEngine::State::compute(std::size_t group) {
  const BarBlock& bars = bars_[group];
  const std::size_t count = bars.size();
  if (count == 0) return;
  for (const std::size_t i : plan_.groups[group].nodes) {
    const PlanNode& node = plan_.nodes[i];
    const std::size_t length = std::min(reaches_[i].inputs, count), first = count - length;
    switch (node.type) {
      case NodeType::column:
        values_[i] = column_of(bars, node.column);
        break;
      case NodeType::joined:  // take() refuses a list with one
      case NodeType::number:
        break;
      case NodeType::negation:
        negate(values_[node.inputs[0]] + first, length, computed_[i] + first);
        break;
      case NodeType::operation:
        operate(kernels_, node.operation, values_[node.inputs[0]] + first, values_[node.inputs[1]] + first,
                length, computed_[i] + first);
        break;
      case NodeType::kind:
        working_[i]->copy_from(*fresh_[i]);
        for (std::size_t j = 0; j < node.inputs.size(); ++j) {
          inputs_[j] = std::span(values_[node.inputs[j]] + first, length);
        }
        for (std::size_t j = 0; j < node.read.size(); ++j) {
          outputs_[j] = std::span(computed_[i] + j * room_ + first, node.read[j] != 0 ? length : 0);
        }
        working_[i]->update({.bars = bars.part(first, length),
                             .inputs = std::span(inputs_).first(node.inputs.size()),
                             .outputs = std::span(outputs_).first(node.read.size()),
                             .kernels = kernels_});
        break;
      case NodeType::output:
        break;
      case NodeType::join:
        compute_join(i, count - std::min(reaches_[i].values, count));
        break;
    }
  }
}

void WindowEngine::State::compute_join(std::size_t node, std::size_t first) {
  const std::size_t input = plan_.nodes[node].inputs[0];
  const std::span<const TimeMs> base = bars_[0].close_time;
  const std::span<const TimeMs> higher = bars_[plan_.nodes[input].group].close_time;
  auto known =
      static_cast<std::size_t>(std::upper_bound(higher.begin(), higher.end(), base[first]) - higher.begin());
  for (std::size_t i = first; i < base.size(); ++i) {
    while (known < higher.size() && higher[known] <= base[i]) ++known;
    computed_[node][i] = known == 0 ? kMissing : values_[input][known - 1];
  }
}

void WindowEngine::State::find_first() {
  for (const std::size_t i : plan_.groups[0].nodes) {
    const PlanNode& node = plan_.nodes[i];
    first_[i] = 0;
    if (node.type == NodeType::join) {
      const PlanNode& input = plan_.nodes[node.inputs[0]];
      const std::span<const TimeMs> base = bars_[0].close_time;
      const std::span<const TimeMs> higher = bars_[input.group].close_time;
      first_[i] = input.warm_up >= higher.size()
                      ? kForever
                      : static_cast<std::size_t>(
                            std::lower_bound(base.begin(), base.end(), higher[input.warm_up]) - base.begin());
      continue;
    }
    for (const std::size_t input : node.inputs) first_[i] = std::max(first_[i], first_[input]);
    first_[i] = saturating_add(first_[i], own_warm_up_[i]);
  }
}

WindowEngine::WindowEngine(FeatureList list) : state_(std::make_unique<State>(std::move(list))) {}
WindowEngine::~WindowEngine() = default;
WindowEngine::WindowEngine(WindowEngine&&) noexcept = default;
WindowEngine& WindowEngine::operator=(WindowEngine&&) noexcept = default;

const FeatureList& WindowEngine::list() const {
  return state_->list;
}

Status WindowEngine::last_row(std::span<const Window> windows, std::span<double> row,
                              std::span<std::uint8_t> ready) {
  return state_->last_row(windows, row, ready);
}

}  // namespace pawl::features
