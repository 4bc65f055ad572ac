// The last n values in order of size: the k-th smallest and how many are below a value, each in O(log n).
//
// A treap in arrays: the node of a value is its slot in the ring, and a node's priority is a hash of the
// slot, so that the tree is as good as random whatever the values do. What is read from it depends on the
// values alone, never on the shape of the tree.
#pragma once

#include <cstdint>
#include <vector>

#include "features/kinds/step.h"

namespace pawl::features {

class OrderedWindow {
 public:
  explicit OrderedWindow(std::size_t n) : values_(n, 0.0), nodes_(n + 1) {}

  // In place of the oldest value once there are n.
  void push(double value) {
    const auto slot = static_cast<Link>(at_);
    if (full()) root_ = without(root_, slot);
    values_[at_] = value;
    insert(slot);
    at_ = at_ + 1 == values_.size() ? 0 : at_ + 1;
    if (count_ < values_.size()) ++count_;
  }
  bool full() const { return count_ == values_.size(); }
  std::size_t size() const { return count_; }

  // The k-th smallest value, k from 0 and less than size().
  double smallest(std::size_t k) const {
    Link node = root_;
    while (true) {
      const std::size_t left = nodes_[at(nodes_[at(node)].left)].size;
      if (k == left) return values_[node];
      if (k < left) {
        node = nodes_[at(node)].left;
      } else {
        k -= left + 1;
        node = nodes_[at(node)].right;
      }
    }
  }
  // How many values are below (or, with `equal`, at or below) this one.
  std::size_t count_below(double value, bool equal = false) const {
    std::size_t count = 0;
    for (Link node = root_; node != kNone;) {
      const bool below = equal ? values_[node] <= value : values_[node] < value;
      if (below) count += nodes_[at(nodes_[at(node)].left)].size + 1;
      node = below ? nodes_[at(node)].right : nodes_[at(node)].left;
    }
    return count;
  }

  void save(ByteWriter& out) const {
    out.u64(at_);
    out.u64(count_);
    out.doubles(values_);
  }
  bool load(ByteReader& in) {
    const std::uint64_t next = in.u64(), count = in.u64();
    in.doubles_into(values_);
    if (!in.ok() || next >= values_.size() || count > values_.size()) return false;
    if (count < values_.size() && next != count) return false;
    root_ = kNone;
    at_ = next;
    count_ = count;
    for (std::size_t i = 0; i < count; ++i) {
      if (is_missing(values_[i])) return false;
      insert(static_cast<Link>(i));
    }
    return true;
  }

 private:
  using Link = std::uint32_t;
  static constexpr Link kNone = 0xffffffff;
  struct Node {
    Link left = kNone, right = kNone;
    std::uint32_t size = 0;
  };

  // The node of a slot; that of kNone is the last one, and empty.
  std::size_t at(Link link) const { return link == kNone ? values_.size() : link; }
  static std::uint32_t priority(Link slot) {
    std::uint32_t x = slot * 0x9e3779b9U + 0x7f4a7c15U;
    x = (x ^ (x >> 16)) * 0x85ebca6bU;
    x = (x ^ (x >> 13)) * 0xc2b2ae35U;
    return x ^ (x >> 16);
  }
  // Equal values in the order of their slots, so that each has one place.
  bool before(Link a, Link b) const { return values_[a] < values_[b] || (values_[a] == values_[b] && a < b); }
  void count(Link node) {
    Node& n = nodes_[at(node)];
    n.size = 1 + nodes_[at(n.left)].size + nodes_[at(n.right)].size;
  }

  // On the way down every subtree grows by one. Where the new node is more important than what stands there
  // it takes the place, and what stood there is split around it.
  void insert(Link slot) {
    Link* link = &root_;
    while (*link != kNone && priority(*link) >= priority(slot)) {
      Node& node = nodes_[at(*link)];
      ++node.size;
      link = before(slot, *link) ? &node.left : &node.right;
    }
    const Link split_up = *link;
    *link = slot;
    nodes_[at(slot)] = {};
    split(split_up, slot, nodes_[at(slot)].left, nodes_[at(slot)].right);
    count(slot);
  }
  // The nodes of `tree` that are before `slot` and those that are behind it.
  void split(Link tree, Link slot, Link& left, Link& right) {
    if (tree == kNone) {
      left = right = kNone;
      return;
    }
    if (before(tree, slot)) {
      left = tree;
      split(nodes_[at(tree)].right, slot, nodes_[at(tree)].right, right);
    } else {
      right = tree;
      split(nodes_[at(tree)].left, slot, left, nodes_[at(tree)].left);
    }
    count(tree);
  }
  Link without(Link tree, Link slot) {
    Link* link = &tree;
    while (*link != slot) {
      Node& node = nodes_[at(*link)];
      --node.size;
      link = before(slot, *link) ? &node.left : &node.right;
    }
    *link = joined(nodes_[at(slot)].left, nodes_[at(slot)].right);
    return tree;
  }
  // All of `left` is before all of `right`.
  Link joined(Link left, Link right) {
    if (left == kNone) return right;
    if (right == kNone) return left;
    if (priority(left) >= priority(right)) {
      nodes_[at(left)].right = joined(nodes_[at(left)].right, right);
      count(left);
      return left;
    }
    nodes_[at(right)].left = joined(left, nodes_[at(right)].left);
    count(right);
    return right;
  }

  std::vector<double> values_;  // a ring
  std::vector<Node> nodes_;     // by slot, and an empty one
  Link root_ = kNone;
  std::size_t at_ = 0, count_ = 0;
};

}  // namespace pawl::features
