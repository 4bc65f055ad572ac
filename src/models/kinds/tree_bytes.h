// The bytes of a tree model: our own header (magic, classes, column names) around XGBoost's UBJ file, and the
// strict reading of both. Nothing is handed to XGBoost that has not passed here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::models {

// The nodes of all trees one after another; `left` and `right` count from the tree's first node and are -1 at
// a leaf. Parsed trees are trees: every node but the first is the child of exactly one, and all are reached.
struct ParsedTrees {
  std::vector<std::size_t> first_node;  // of each tree, and the end
  std::vector<float> value;  // the threshold of a split (x < value goes left), or the leaf's weight
  std::vector<float> gain;   // of a split
  std::vector<std::int32_t> left, right, column;
  std::vector<std::uint8_t> default_left;  // where a missing value goes

  std::size_t trees() const { return first_node.size() - 1; }
};

struct TreeFile {
  int classes = 2;  // trees of class k are those with index % classes == k, when there are more than two
  std::vector<std::string> columns;
  std::string_view ubj;  // a part of the bytes that were read
  ParsedTrees trees;
};

std::string write_tree_file(int classes, const std::vector<std::string>& columns, std::string_view ubj);

// corrupt, with the reason, where a length, a link between nodes, a column or a number cannot be. Bounded in
// time and memory by the bytes' own length.
Result<TreeFile> read_tree_file(std::string_view bytes);

}  // namespace pawl::models
