#include "models/kinds/flat_trees.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

#include "models/kinds/training_rows.h"

namespace pawl::models {
namespace {

constexpr std::size_t kRowLanes = 16;  // rows that walk one tree together
constexpr std::size_t kTreeLanes = 8;  // trees that one row walks together
constexpr std::size_t kCopiesCapacity = 2 * kMaxColumns;
static_assert(kCopiesCapacity <= std::numeric_limits<std::uint16_t>::max(), "a node's slot has 16 bits");

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

float FlatTrees::seen(double value) {
  return static_cast<float>(bounded(value));
}

FlatTrees::FlatTrees(const ParsedTrees& parsed, int classes, std::size_t columns)
    : classes_(classes), groups_(classes > 2 ? static_cast<std::size_t>(classes) : 1), columns_(columns) {
  assert(columns <= kMaxColumns && classes <= kMaxClasses);
  nodes_.reserve(parsed.value.size());
  weights_.reserve(parsed.value.size());
  trees_.reserve(parsed.trees());
  for (std::size_t tree = 0; tree < parsed.trees(); ++tree) add_tree(parsed, tree);
}

// Breadth first, so that two siblings stand side by side and one link serves both.
void FlatTrees::add_tree(const ParsedTrees& parsed, std::size_t tree) {
  const std::size_t source = parsed.first_node[tree], count = parsed.first_node[tree + 1] - source;
  const std::size_t first = nodes_.size();
  std::vector<std::size_t> order = {0};
  order.reserve(count);
  std::uint32_t depth = 0;
  std::size_t level_end = 1;
  for (std::size_t place = 0; place < order.size(); ++place) {
    if (place == level_end) {
      ++depth;
      level_end = order.size();
    }
    const std::size_t node = source + order[place];
    if (parsed.left[node] < 0) {
      nodes_.push_back({kInfinity, 0, static_cast<std::uint16_t>(place)});
      weights_.push_back(parsed.value[node]);
      continue;
    }
    const auto column = static_cast<std::size_t>(parsed.column[node]);
    const std::size_t slot = parsed.default_left[node] != 0 ? column : columns_ + column;
    nodes_.push_back(
        {parsed.value[node], static_cast<std::uint16_t>(slot), static_cast<std::uint16_t>(order.size())});
    weights_.push_back(0);
    order.push_back(static_cast<std::size_t>(parsed.left[node]));
    order.push_back(static_cast<std::size_t>(parsed.right[node]));
  }
  assert(order.size() == count);
  trees_.push_back({static_cast<std::uint32_t>(first), depth});
}

std::size_t FlatTrees::depth() const {
  std::uint32_t deepest = 0;
  for (const Tree& tree : trees_) deepest = std::max(deepest, tree.depth);
  return deepest;
}

void FlatTrees::write_copies(const double* row, float* copies) const {
  for (std::size_t column = 0; column < columns_; ++column) {
    const float value = seen(row[column]);
    const bool missing = value != value;
    copies[column] = missing ? -kInfinity : value;
    copies[columns_ + column] = missing ? kInfinity : value;
  }
}

// XGBoost begins at the base score's margin: logit(0.5) for two classes, the 0.5 itself under a softmax.
float FlatTrees::first_margin() const {
  return groups_ == 1 ? 0.0F : 0.5F;
}

template <std::size_t Lanes>
void FlatTrees::margins_of_block(const float* copies, float* margins) const {
  const std::size_t stride = 2 * columns_;
  std::size_t group = 0;
  for (const Tree& tree : trees_) {
    const Node* nodes = nodes_.data() + tree.first_node;
    std::array<std::uint32_t, Lanes> at{};
    for (std::uint32_t step = 0; step < tree.depth; ++step) {
      for (std::size_t lane = 0; lane < Lanes; ++lane) {
        const Node node = nodes[at[lane]];
        at[lane] =
            node.child + static_cast<std::uint32_t>(!(copies[lane * stride + node.slot] < node.threshold));
      }
    }
    const float* weights = weights_.data() + tree.first_node;
    for (std::size_t lane = 0; lane < Lanes; ++lane) margins[lane * groups_ + group] += weights[at[lane]];
    if (++group == groups_) group = 0;
  }
}

// The same sums in the same order; only the walks of neighbouring trees overlap.
void FlatTrees::margins_of_row(const float* copies, float* margins) const {
  std::size_t group = 0, tree = 0;
  for (; tree + kTreeLanes <= trees_.size(); tree += kTreeLanes) {
    std::array<std::uint32_t, kTreeLanes> first, at{};
    std::uint32_t steps = 0;
    for (std::size_t lane = 0; lane < kTreeLanes; ++lane) {
      first[lane] = trees_[tree + lane].first_node;
      steps = std::max(steps, trees_[tree + lane].depth);
    }
    for (std::uint32_t step = 0; step < steps; ++step) {
      for (std::size_t lane = 0; lane < kTreeLanes; ++lane) {
        const Node node = nodes_[first[lane] + at[lane]];
        at[lane] = node.child + static_cast<std::uint32_t>(!(copies[node.slot] < node.threshold));
      }
    }
    for (std::size_t lane = 0; lane < kTreeLanes; ++lane) {
      margins[group] += weights_[first[lane] + at[lane]];
      if (++group == groups_) group = 0;
    }
  }
  for (; tree < trees_.size(); ++tree) {
    const std::uint32_t first = trees_[tree].first_node;
    std::uint32_t at = 0;
    for (std::uint32_t step = 0; step < trees_[tree].depth; ++step) {
      const Node node = nodes_[first + at];
      at = node.child + static_cast<std::uint32_t>(!(copies[node.slot] < node.threshold));
    }
    margins[group] += weights_[first + at];
    if (++group == groups_) group = 0;
  }
}

// In float, step by step as the library does it: a sigmoid with its bound on the exponent, or a softmax whose
// sum is kept in double.
void FlatTrees::probabilities_of(const float* margins, double* probabilities) const {
  if (groups_ == 1) {
    constexpr float kLargestExponent = 88.7F;
    constexpr float kTiny = 1e-16F;
    const float up = 1.0F / (std::exp(std::min(-margins[0], kLargestExponent)) + 1.0F + kTiny);
    probabilities[0] = 1.0 - static_cast<double>(up);
    probabilities[1] = static_cast<double>(up);
    return;
  }
  const float top = *std::max_element(margins, margins + groups_);
  std::array<float, kMaxClasses> raised{};
  double sum = 0;
  for (std::size_t k = 0; k < groups_; ++k) {
    raised[k] = std::exp(margins[k] - top);
    sum += static_cast<double>(raised[k]);
  }
  for (std::size_t k = 0; k < groups_; ++k) {
    probabilities[k] = static_cast<double>(raised[k] / static_cast<float>(sum));
  }
}

void FlatTrees::predict(const Matrix& rows, std::span<double> probabilities) const {
  assert(rows.columns == columns_ && rows.values.size() == rows.rows * columns_);
  assert(probabilities.size() == rows.rows * static_cast<std::size_t>(classes_));
  std::array<float, kCopiesCapacity> copies;
  std::array<float, kRowLanes * kMaxClasses> margins;
  const std::size_t stride = 2 * columns_;
  const bool block_fits = kRowLanes * stride <= copies.size();
  const double* row = rows.values.data();
  double* out = probabilities.data();
  for (std::size_t left = rows.rows; left > 0;) {
    const std::size_t lanes = block_fits && left >= kRowLanes ? kRowLanes : 1;
    for (std::size_t lane = 0; lane < lanes; ++lane)
      write_copies(row + lane * columns_, copies.data() + lane * stride);
    margins.fill(first_margin());
    if (lanes == 1) {
      margins_of_row(copies.data(), margins.data());
    } else {
      margins_of_block<kRowLanes>(copies.data(), margins.data());
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      probabilities_of(margins.data() + lane * groups_, out);
      out += classes_;
    }
    row += lanes * columns_;
    left -= lanes;
  }
}

}  // namespace pawl::models
