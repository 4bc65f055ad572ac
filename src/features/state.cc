#include "features/state.h"

#include <algorithm>
#include <cassert>

#include "features/kinds/step.h"
#include "features/node_values.h"

namespace pawl::features {

HigherBars::HigherBars(Timeframe timeframe, const MarketCalendar& calendar)
    : resampler_(timeframe, calendar) {}

void HigherBars::make_room(std::size_t block) {
  // Each base bar begins at most one higher bar, and one may be forming already.
  const std::size_t most = block + 1;
  for (auto* times : {&open_time_, &close_time_}) *times = std::vector<TimeMs>(most);
  for (auto* values : {&open_, &high_, &low_, &close_, &volume_}) *values = std::vector<double>(most);
  known_with_ = std::vector<std::size_t>(most);
}

void HigherBars::update(const BarBlock& base) {
  count_ = 0;
  for (std::size_t i = 0; i < base.size(); ++i) {
    const Resampler::Closed closed = resampler_.push({.open_time = base.open_time[i],
                                                      .close_time = base.close_time[i],
                                                      .open = base.open[i],
                                                      .high = base.high[i],
                                                      .low = base.low[i],
                                                      .close = base.close[i],
                                                      .volume = base.volume[i]});
    if (closed.first) take(*closed.first, i);
    if (closed.second) take(*closed.second, i);
  }
  closed_ += count_;
}

void HigherBars::take(const Bar& bar, std::size_t known_with) {
  open_time_[count_] = bar.open_time;
  close_time_[count_] = bar.close_time;
  open_[count_] = bar.open;
  high_[count_] = bar.high;
  low_[count_] = bar.low;
  close_[count_] = bar.close;
  volume_[count_] = bar.volume;
  known_with_[count_] = known_with;
  ++count_;
}

BarBlock HigherBars::block() const {
  return {.open_time = std::span(open_time_).first(count_),
          .close_time = std::span(close_time_).first(count_),
          .open = std::span(open_).first(count_),
          .high = std::span(high_).first(count_),
          .low = std::span(low_).first(count_),
          .close = std::span(close_).first(count_),
          .volume = std::span(volume_).first(count_)};
}

void HigherBars::save(ByteWriter& out) const {
  out.u64(closed_);
  resampler_.save(out);
}

bool HigherBars::load(ByteReader& in) {
  closed_ = in.u64();
  return resampler_.load(in).has_value();
}

Engine::State::State(const FeatureList::Plan& plan, const simd::Kernels& kernels)
    : plan_(plan), kernels_(kernels) {
  const std::size_t count = plan.nodes.size();
  kinds_.resize(count);
  own_warm_up_.resize(count, 0);
  std::size_t most_inputs = 0, most_outputs = 1;
  for (const PlanNode& node : plan.nodes) {
    most_inputs = std::max(most_inputs, node.inputs.size());
    most_outputs = std::max(most_outputs, node.read.size());
  }
  computed_.resize(count);
  values_.resize(count);
  last_joined_.resize(count, kMissing);
  join_ready_.resize(count, kForever);
  first_.resize(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const PlanNode& node = plan.nodes[i];
    if (node.type != NodeType::kind) continue;
    kinds_[i] = node.kind->make_in(plan.market(node.group), node.parameters);
    own_warm_up_[i] = node.kind->warm_up_in(plan.market(node.group), node.parameters);
  }
  inputs_.resize(most_inputs);
  outputs_.resize(most_outputs);
  columns_.resize(plan.outputs.size());
  for (std::size_t group = 1; group < plan.groups.size(); ++group) {
    higher_.emplace_back(plan.groups[group].timeframe, plan.calendar);
  }
  for (const PlanGroup& group : plan.groups) {
    std::vector<Step>& steps = steps_.emplace_back();
    for (const std::size_t i : group.nodes) {
      const PlanNode& node = plan.nodes[i];
      if (node.type == NodeType::number || node.type == NodeType::output) continue;
      Step step{.type = node.type,
                .operation = node.operation,
                .column = node.column,
                .input_count = static_cast<std::uint8_t>(node.inputs.size()),
                .output_count = static_cast<std::uint8_t>(node.read.size()),
                .node = static_cast<std::uint32_t>(i),
                .joined = static_cast<std::uint32_t>(node.joined),
                .kind = kinds_[i].get(),
                .read = node.read.data()};
      assert(node.inputs.size() <= step.inputs.size());
      for (std::size_t j = 0; j < node.inputs.size(); ++j) {
        step.inputs[j] = static_cast<std::uint32_t>(node.inputs[j]);
      }
      steps.push_back(step);
    }
  }
  make_room(kFew);
  find_first_ready();
}

void Engine::State::make_room(std::size_t block) {
  const std::size_t room = block + simd::kGroup;  // a block of higher bars may be one longer
  if (room == room_) return;
  room_ = room;
  std::size_t outputs = 0;
  for (const PlanNode& node : plan_.nodes) outputs += node.read.size();
  buffer_ = std::vector<double>(outputs * room, kMissing);
  double* next = buffer_.data();
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    const PlanNode& node = plan_.nodes[i];
    values_[i] = computed_[i] = next;
    next += node.read.size() * room;
    if (node.type == NodeType::output) values_[i] = computed_[node.inputs[0]] + node.output * room;
    if (node.type == NodeType::number) std::fill_n(computed_[i], room, node.number);
  }
  for (HigherBars& higher : higher_) higher.make_room(block);
}

void Engine::State::update(const BarBlock& bars, std::span<double> rows, std::span<std::uint8_t> ready,
                           bool past_caches) {
  assert(bars.size() + simd::kGroup <= room_);
  for (std::size_t group = 1; group < plan_.groups.size(); ++group) {
    HigherBars& higher = higher_[group - 1];
    higher.update(bars);
    compute(group, higher.block());
  }
  compute(0, bars);
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i] = values_[plan_.outputs[i]];
  kernels_.to_rows(columns_.data(), columns_.size(), bars.size(), rows.data(), past_caches);
  for (std::size_t i = 0; i < bars.size(); ++i) ready[i] = seen_ + i >= first_ready_ ? 1 : 0;
  seen_ += bars.size();
}

void Engine::State::compute(std::size_t group, const BarBlock& bars) {
  const std::size_t count = bars.size();
  if (count == 0) return;
  bool newly_ready = false;
  for (const Step& step : steps_[group]) {
    const std::size_t i = step.node;
    switch (step.type) {
      case NodeType::column:
        values_[i] = column_of(bars, step.column);
        break;
      case NodeType::joined: {
        // Who joins may write any NaN; rows have only one.
        const std::span<const double> from = bars.joined(step.joined);
        for (std::size_t j = 0; j < count; ++j) computed_[i][j] = finite_or_missing(from[j]);
        break;
      }
      case NodeType::negation:
        negate(values_[step.inputs[0]], count, computed_[i]);
        break;
      case NodeType::operation:
        operate(kernels_, step.operation, values_[step.inputs[0]], values_[step.inputs[1]], count,
                computed_[i]);
        break;
      case NodeType::kind:
        for (std::size_t j = 0; j < step.input_count; ++j) {
          inputs_[j] = std::span(values_[step.inputs[j]], count);
        }
        for (std::size_t j = 0; j < step.output_count; ++j) {
          outputs_[j] = std::span(computed_[i] + j * room_, step.read[j] != 0 ? count : 0);
        }
        step.kind->update({.bars = bars,
                           .inputs = std::span(inputs_).first(step.input_count),
                           .outputs = std::span(outputs_).first(step.output_count),
                           .kernels = kernels_});
        break;
      case NodeType::number:
      case NodeType::output:
        break;
      case NodeType::join: {
        const bool was_ready = join_ready_[i] != kForever;
        compute_join(i, count);
        newly_ready |= !was_ready && join_ready_[i] != kForever;
        break;
      }
    }
  }
  if (newly_ready) find_first_ready();
}

void Engine::State::compute_join(std::size_t node, std::size_t bars) {
  const std::size_t input = plan_.nodes[node].inputs[0];
  const HigherBars& higher = higher_[plan_.nodes[input].group - 1];
  const std::span<const std::size_t> known_with = higher.known_with();
  const double* from = values_[input];
  double* to = computed_[node];
  double value = last_joined_[node];
  std::size_t next = 0;
  for (std::size_t i = 0; i < bars; ++i) {
    for (; next < known_with.size() && known_with[next] == i; ++next) value = from[next];
    to[i] = value;
  }
  last_joined_[node] = value;
  if (join_ready_[node] != kForever) return;
  const std::uint64_t needed = plan_.nodes[input].warm_up;
  if (higher.closed_before() + known_with.size() <= needed) return;
  join_ready_[node] = seen_ + known_with[needed - higher.closed_before()];
}

void Engine::State::find_first_ready() {
  for (const std::size_t i : plan_.groups[0].nodes) {
    const PlanNode& node = plan_.nodes[i];
    if (node.type == NodeType::join) {
      first_[i] = join_ready_[i];
      continue;
    }
    first_[i] = 0;
    for (const std::size_t input : node.inputs) first_[i] = std::max(first_[i], first_[input]);
    if (first_[i] != kForever) first_[i] += own_warm_up_[i];
  }
  first_ready_ = 0;
  for (const std::size_t output : plan_.outputs) first_ready_ = std::max(first_ready_, first_[output]);
}

void Engine::State::save(ByteWriter& out) const {
  out.u64(seen_);
  for (const HigherBars& higher : higher_) higher.save(out);
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    if (plan_.nodes[i].type == NodeType::join) {
      out.f64(last_joined_[i]);
      out.u64(join_ready_[i]);
    }
    if (kinds_[i] != nullptr) kinds_[i]->save(out);
  }
}

bool Engine::State::load(ByteReader& in) {
  seen_ = in.u64();
  for (HigherBars& higher : higher_) {
    if (!higher.load(in)) return false;
  }
  for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
    if (plan_.nodes[i].type == NodeType::join) {
      last_joined_[i] = in.f64();
      join_ready_[i] = in.u64();
    }
    if (kinds_[i] != nullptr && !kinds_[i]->load(in)) return false;
  }
  find_first_ready();
  return in.at_end();
}

}  // namespace pawl::features
