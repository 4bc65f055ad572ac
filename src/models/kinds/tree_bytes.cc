#include "models/kinds/tree_bytes.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/bytes.h"
#include "models/kinds/training_rows.h"
#include "models/kinds/ubj_cursor.h"

namespace pawl::models {
namespace {

constexpr std::uint64_t kMagic = 0x3145'4552'544c'5750;  // "PWLTREE1", little-endian
constexpr std::size_t kMaxNodesPerTree = 32'768;
constexpr std::int32_t kNoParent = 2'147'483'647;
constexpr std::int32_t kLeaf = -1;

void exact_number(UbjCursor& in, std::string_view key, std::uint64_t expected) {
  in.key(key);
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), expected).ptr;
  in.exact_text({digits.data(), end});
}

// What is read of one tree and thrown away, kept between trees to save allocations.
struct TreeScratch {
  std::vector<float> floats;
  std::vector<std::int32_t> parents;
  std::vector<std::uint8_t> types;
};

void finite(UbjCursor& in, std::span<const float> values, std::string_view what) {
  for (const float value : values) {
    if (!std::isfinite(value)) return in.refuse(fmt::format("{} that is not finite", what));
  }
}

// Checks that the nodes from `first` on form one tree, and each field is in its range.
void check_tree(UbjCursor& in, const ParsedTrees& trees, std::size_t first,
                std::span<const std::int32_t> parents, std::size_t columns) {
  const std::size_t nodes = parents.size();
  if (parents[0] != kNoParent) return in.refuse("the first node has a parent");
  std::size_t children = 0;
  for (std::size_t node = 0; node < nodes; ++node) {
    const std::int32_t left = trees.left[first + node], right = trees.right[first + node];
    const auto column = static_cast<std::size_t>(trees.column[first + node]);
    if (trees.column[first + node] < 0 || column >= columns)
      return in.refuse("a split on a column that is not there");
    if (trees.default_left[first + node] > 1)
      return in.refuse("a default direction that is neither left nor right");
    if (left == kLeaf && right == kLeaf) {
      // So that no sum of leaves leaves the finite numbers.
      if (!(std::abs(trees.value[first + node]) <= kLargestValue))
        return in.refuse("a leaf weight that cannot be");
      continue;
    }
    // Children come after their parent, so no path runs in a circle; parents[] names one parent each, so
    // none is shared.
    for (const std::int32_t child : {left, right}) {
      if (child <= static_cast<std::int32_t>(node) || child >= static_cast<std::int32_t>(nodes)) {
        return in.refuse("a child outside its tree or before its parent");
      }
      if (parents[static_cast<std::size_t>(child)] != static_cast<std::int32_t>(node)) {
        return in.refuse("a child with another parent");
      }
    }
    if (left == right) return in.refuse("both children are one node");
    children += 2;
  }
  if (children + 1 != nodes) in.refuse("a node that no split leads to");
}

void read_tree(UbjCursor& in, std::size_t index, std::size_t columns, ParsedTrees& trees,
               TreeScratch& scratch) {
  const std::size_t first = trees.value.size();
  const auto drop_floats = [&](std::string_view key) {
    in.key(key);
    scratch.floats.clear();
    in.floats(scratch.floats);
    finite(in, scratch.floats, key);
    return scratch.floats.size();
  };
  const auto empty_list = [&](std::string_view key, char type) {
    in.key(key);
    if (in.open_typed_list(type) != 0) in.refuse("a categorical split");
  };

  in.open_object();
  const std::size_t nodes = drop_floats("base_weights");
  if (in.ok() && (nodes == 0 || nodes > kMaxNodesPerTree))
    in.refuse("a tree without nodes, or with too many");
  const auto same = [&](std::size_t count) {
    if (in.ok() && count != nodes) in.refuse("lists of one tree differ in length");
  };
  empty_list("categories", 'l');
  empty_list("categories_nodes", 'l');
  empty_list("categories_segments", 'L');
  empty_list("categories_sizes", 'L');
  in.key("default_left");
  in.bytes(trees.default_left);
  same(trees.default_left.size() - first);
  in.key("id");
  if (in.integer() != static_cast<std::int64_t>(index)) in.refuse("trees out of order");
  in.key("left_children");
  in.ints(trees.left);
  same(trees.left.size() - first);
  in.key("loss_changes");
  in.floats(trees.gain);
  same(trees.gain.size() - first);
  in.key("parents");
  scratch.parents.clear();
  in.ints(scratch.parents);
  same(scratch.parents.size());
  in.key("right_children");
  in.ints(trees.right);
  same(trees.right.size() - first);
  in.key("split_conditions");
  in.floats(trees.value);
  same(trees.value.size() - first);
  in.key("split_indices");
  in.ints(trees.column);
  same(trees.column.size() - first);
  in.key("split_type");
  scratch.types.clear();
  in.bytes(scratch.types);
  same(scratch.types.size());
  same(drop_floats("sum_hessian"));
  in.key_open("tree_param");
  exact_number(in, "num_deleted", 0);
  exact_number(in, "num_feature", columns);
  exact_number(in, "num_nodes", nodes);
  exact_number(in, "size_leaf_vector", 0);
  in.close_object();
  in.close_object();
  if (!in.ok()) return;

  for (const std::uint8_t type : scratch.types) {
    if (type != 0) in.refuse("a categorical split");
  }
  finite(in, std::span(trees.value).subspan(first), "a threshold or leaf weight");
  finite(in, std::span(trees.gain).subspan(first), "a gain");
  check_tree(in, trees, first, scratch.parents, columns);
  trees.first_node.push_back(trees.value.size());
}

// How many trees there are is written down three times; the list's own count leads.
void read_trees(UbjCursor& in, int classes, std::size_t columns, ParsedTrees& trees) {
  in.key_open("model");
  in.key_open("gbtree_model_param");
  exact_number(in, "num_parallel_tree", 1);
  in.key("num_trees");
  const std::string_view counted = in.text();
  in.key("size_leaf_vector");
  in.exact_text("0");
  in.close_object();

  in.key("tree_info");
  const std::uint64_t count = in.open_list();
  const std::uint64_t groups = classes > 2 ? static_cast<std::uint64_t>(classes) : 1;
  if (in.ok() && (count == 0 || count % groups != 0 || fmt::format("{}", count) != counted)) {
    in.refuse("the number of trees does not fit");
  }
  for (std::uint64_t tree = 0; tree < count && in.ok(); ++tree) {
    if (in.integer() != static_cast<std::int64_t>(tree % groups))
      in.refuse("a tree of another class than its turn");
  }
  in.key("trees");
  if (in.open_list() != count) in.refuse("the number of trees does not fit");
  trees.first_node = {0};
  TreeScratch scratch;
  for (std::uint64_t tree = 0; tree < count && in.ok(); ++tree) read_tree(in, tree, columns, trees, scratch);
  in.close_object();
}

Result<ParsedTrees> parse_ubj(std::string_view ubj, int classes, std::size_t columns) {
  UbjCursor in(ubj);
  ParsedTrees trees;
  in.open_object();
  in.key_open("learner");
  in.key_open("attributes");
  in.close_object();
  for (const std::string_view unused : {"feature_names", "feature_types"}) {
    in.key(unused);
    if (in.open_list() != 0) in.refuse(fmt::format("{} is not empty", unused));
  }
  in.key_open("gradient_booster");
  read_trees(in, classes, columns, trees);
  in.key("name");
  in.exact_text("gbtree");
  in.close_object();
  in.key_open("learner_model_param");
  in.key("base_score");
  in.exact_text("5E-1");
  exact_number(in, "boost_from_average", 0);
  const auto model_classes = static_cast<std::uint64_t>(classes > 2 ? classes : 0);
  exact_number(in, "num_class", model_classes);
  exact_number(in, "num_feature", columns);
  exact_number(in, "num_target", 1);
  in.close_object();
  in.key_open("objective");
  in.key("name");
  in.exact_text(classes > 2 ? "multi:softprob" : "binary:logistic");
  if (classes > 2) {
    in.key_open("softmax_multiclass_param");
    exact_number(in, "num_class", model_classes);
  } else {
    in.key_open("reg_loss_param");
    exact_number(in, "scale_pos_weight", 1);
  }
  in.close_object();
  in.close_object();
  in.close_object();
  in.key("version");
  if (in.open_list() != 3) in.refuse("no version");
  // Another major version stores trees in another way; this reading would not notice.
  if (in.integer() != 1) in.refuse("written by another major version of XGBoost");
  for (int part = 0; part < 2; ++part) {
    if (in.integer() < 0) in.refuse("no version");
  }
  in.close_object();
  if (in.ok() && !in.at_end()) in.refuse("bytes after the end");
  if (!in.ok()) return fail(ErrorCode::corrupt, "tree model: {}", in.reason());
  return trees;
}

}  // namespace

std::string write_tree_file(int classes, const std::vector<std::string>& columns, std::string_view ubj) {
  ByteWriter out;
  out.u64(kMagic);
  out.u32(static_cast<std::uint32_t>(classes));
  out.u32(static_cast<std::uint32_t>(columns.size()));
  for (const std::string& column : columns) out.text(column);
  out.text(ubj);
  return out.take();
}

Result<TreeFile> read_tree_file(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u64() != kMagic)
    return fail(ErrorCode::corrupt, "tree model: the bytes do not begin as a tree model's do");
  TreeFile file;
  const std::uint32_t classes = in.u32(), columns = in.u32();
  if (!in.ok() || classes < 2 || classes > kMaxClasses || columns < 1 || columns > kMaxColumns) {
    return fail(ErrorCode::corrupt, "tree model: {} classes of {} columns cannot be", classes, columns);
  }
  file.classes = static_cast<int>(classes);
  for (std::uint32_t column = 0; column < columns && in.ok(); ++column) file.columns.push_back(in.text());
  const std::string ubj = in.text();
  if (!in.at_end()) return fail(ErrorCode::corrupt, "tree model: its length is not what its header says");
  file.ubj = bytes.substr(bytes.size() - ubj.size());
  auto trees = parse_ubj(file.ubj, file.classes, columns);
  if (!trees) return propagate(trees);
  file.trees = std::move(*trees);
  return file;
}

}  // namespace pawl::models
