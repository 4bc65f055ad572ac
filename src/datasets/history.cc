#include "datasets/history.h"

#include <algorithm>
#include <cassert>

namespace pawl::datasets {

namespace {
constexpr std::size_t kBlock = 4096;
}

FeatureHistory::FeatureHistory(features::FeatureList list, std::size_t checkpoint_every)
    : engine_(std::move(list)), checkpoint_every_(checkpoint_every), last_row_(engine_.list().size()) {
  assert(checkpoint_every_ > 0);
  checkpoints_.push_back({0, {}});
}

Result<FeatureHistory> FeatureHistory::resume(features::FeatureList list, std::string state,
                                              std::size_t checkpoint_every) {
  FeatureHistory history(std::move(list), checkpoint_every);
  if (!state.empty()) {
    if (Status loaded = history.engine_.load(state); !loaded) return propagate(loaded);
    history.checkpoints_.front().state = std::move(state);
  }
  return history;
}

void FeatureHistory::follow(const BarSeries& bars, std::size_t block) {
  assert(block > 0 && seen_ <= bars.size());
  const std::size_t columns = list().size();
  while (seen_ < bars.size()) {
    const std::size_t into = seen_ % checkpoint_every_;
    if (into == 0 && seen_ > checkpoints_.back().bar) checkpoints_.push_back({seen_, engine_.save()});
    const std::size_t count = std::min({block, bars.size() - seen_, checkpoint_every_ - into});
    if (scratch_ready_.size() < count) {
      scratch_rows_.resize(count * columns);
      scratch_ready_.resize(count);
    }
    engine_.update(bars.block(seen_, count), std::span(scratch_rows_).first(count * columns),
                   std::span(scratch_ready_).first(count));
    seen_ += count;
    std::copy_n(scratch_rows_.begin() + static_cast<std::ptrdiff_t>((count - 1) * columns), columns,
                last_row_.begin());
    last_ready_ = scratch_ready_[count - 1] != 0;
  }
}

FeatureHistory::Checkpoint FeatureHistory::checkpoint_before(std::size_t bar) const {
  auto after = std::upper_bound(checkpoints_.begin(), checkpoints_.end(), bar,
                                [](std::size_t wanted, const Checkpoint& c) { return wanted < c.bar; });
  assert(after != checkpoints_.begin() && "the window begins before what was kept");
  return *std::prev(after);
}

void FeatureHistory::forget_before(std::size_t bar) {
  auto after = std::upper_bound(checkpoints_.begin(), checkpoints_.end(), bar,
                                [](std::size_t wanted, const Checkpoint& c) { return wanted < c.bar; });
  if (after == checkpoints_.begin()) return;
  checkpoints_.erase(checkpoints_.begin(), std::prev(after));
}

FeatureFrame FeatureHistory::rows(const BarSeries& bars, std::size_t first, std::size_t last) const {
  assert(first <= last && last <= seen_);
  FeatureFrame frame;
  frame.names = list().specs();
  const std::size_t columns = list().size(), count = last - first;
  frame.values.resize(count * columns);
  frame.ready.resize(count);
  frame.known_at.reserve(count);
  for (std::size_t i = first; i < last; ++i) frame.known_at.push_back(bars.close_time(i));
  if (count == 0) return frame;

  const Checkpoint from = checkpoint_before(first);
  features::Engine engine(list());
  if (!from.state.empty()) {
    [[maybe_unused]] const Status loaded = engine.load(from.state);
    assert(loaded && "a state that this object saved itself");
  }
  // Up to the window the rows are of no use, only the state is.
  std::vector<double> lead_rows(std::min(kBlock, first - from.bar) * columns);
  std::vector<std::uint8_t> lead_ready(std::min(kBlock, first - from.bar));
  for (std::size_t at = from.bar; at < first;) {
    const std::size_t n = std::min(kBlock, first - at);
    engine.update(bars.block(at, n), std::span(lead_rows).first(n * columns), std::span(lead_ready).first(n));
    at += n;
  }
  for (std::size_t at = first; at < last;) {
    const std::size_t n = std::min(kBlock, last - at);
    engine.update(bars.block(at, n), std::span(frame.values).subspan((at - first) * columns, n * columns),
                  std::span(frame.ready).subspan(at - first, n));
    at += n;
  }
  return frame;
}

Dataset assemble(const FeatureHistory& features, const labels::Labeller& labeller,
                 const FeatureHistory* scale, const BarSeries& bars, std::size_t first, std::size_t last,
                 TimeMs as_of, const FeatureHistory* where) {
  // Bars that close after as_of are cut off before anything looks, so that nothing downstream has to be
  // trusted not to.
  const std::size_t known = bars.count_known_at(as_of);
  if (known < bars.size())
    return assemble(features, labeller, scale, bars.slice(0, known), first, last, as_of, where);

  Dataset dataset;
  last = std::min(last, known);
  first = std::min(first, last);
  dataset.frame = features.rows(bars, first, last);
  std::vector<double> scale_values;
  if (scale != nullptr) scale_values = scale->rows(bars, first, last).values;
  dataset.labels = labeller.label(bars, first, last, scale_values);
  if (where != nullptr) {
    dataset.signal_allowed.reserve(last - first);
    for (const double value : where->rows(bars, first, last).values) {
      dataset.signal_allowed.push_back(value > 0 ? 1 : 0);
    }
  }
  dataset.bar_index.reserve(last - first);
  for (std::size_t i = first; i < last; ++i) dataset.bar_index.push_back(i);
  // A barrier that was touched early is known before its horizon has passed; the last rows would then hold
  // only those, and a model would learn that moves are fast. Here every label is told at its horizon's end.
  const std::size_t whole = labeller.horizon_bars() + 1;
  for (std::size_t i = 0; i < dataset.labels.size(); ++i) {
    Label& label = dataset.labels[i];
    if (!label.known()) continue;
    const std::size_t end = dataset.bar_index[i] + whole;
    if (end >= known) {
      label = Label{};
    } else {
      label.known_at = bars.close_time(end);
    }
  }
  return dataset;
}

std::vector<std::size_t> usable_rows(const Dataset& dataset) {
  std::vector<std::size_t> rows;
  rows.reserve(dataset.rows());
  for (std::size_t i = 0; i < dataset.rows(); ++i) {
    if (dataset.frame.ready[i] != 0 && dataset.labels[i].known()) rows.push_back(i);
  }
  return rows;
}

}  // namespace pawl::datasets
