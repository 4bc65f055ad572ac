// Trees laid out for prediction, bit-equal with XGBoost's own: the same float comparisons, the same order of
// additions, the same last step to probabilities. One row takes a microsecond or two, where the library needs
// twenty.
//
// A row is first written twice, once with −∞ in place of each missing value and once with +∞. A split whose
// missing values go left reads the first copy, one whose go right the second, so `x < threshold` is all that
// is ever asked. A leaf is a split that always leads to itself; so all lanes of a block take the same number
// of steps, without a branch that could be guessed wrong.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/kinds/tree_bytes.h"
#include "models/model_kind.h"

namespace pawl::models {

class FlatTrees {
 public:
  // `parsed` must have passed read_tree_file.
  FlatTrees(const ParsedTrees& parsed, int classes, std::size_t columns);

  int classes() const { return classes_; }
  std::size_t columns() const { return columns_; }
  std::size_t trees() const { return trees_.size(); }
  std::size_t nodes() const { return nodes_.size(); }
  std::size_t depth() const;

  // Safe from any thread; allocates nothing.
  void predict(const Matrix& rows, std::span<double> probabilities) const;

  // A value as the trees see it, in training and prediction: bounded, then rounded to float.
  static float seen(double value);

 private:
  struct Node {
    float threshold;      // x < threshold goes to `child`, else to child + 1
    std::uint16_t slot;   // in the row's two copies
    std::uint16_t child;  // counted from the tree's first node
  };
  struct Tree {
    std::uint32_t first_node;
    std::uint32_t depth;
  };

  void add_tree(const ParsedTrees& parsed, std::size_t tree);
  void write_copies(const double* row, float* copies) const;
  template <std::size_t Lanes>
  void margins_of_block(const float* copies, float* margins) const;
  void margins_of_row(const float* copies, float* margins) const;
  void probabilities_of(const float* margins, double* probabilities) const;
  float first_margin() const;

  int classes_;
  std::size_t groups_;  // margins a row: 1 of two classes
  std::size_t columns_;
  std::vector<Node> nodes_;
  std::vector<float> weights_;  // of the leaf at the same place in nodes_
  std::vector<Tree> trees_;
};

}  // namespace pawl::models
