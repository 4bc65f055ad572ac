// Damaged model bytes: whatever is cut, flipped or made up is refused with a reason or loads as a model that
// predicts; it never crashes, hangs or asks for memory that the bytes do not back.
#include "models/kinds/tree_bytes.h"

#include <algorithm>

#include "models/model_support.h"

namespace pawl::models {
namespace {

const std::string& small_model(int classes) {
  static const std::string two =
      train("xgboost", "{trees: 6, depth: 2}", noisy_rows(300, 4, 2, 1).request())->bytes;
  static const std::string three =
      train("xgboost", "{trees: 2, depth: 2}", noisy_rows(300, 4, 3, 1).request())->bytes;
  return classes == 2 ? two : three;
}

// A number in place of another, in the bytes after the nth occurrence of a key.
std::string with_bytes(std::string bytes, std::string_view key, std::size_t offset,
                       std::string_view replacement) {
  const std::size_t at = bytes.find(key);
  EXPECT_NE(at, std::string::npos) << key;
  return bytes.replace(at + key.size() + offset, replacement.size(), replacement);
}

void expect_refused(std::string_view bytes, std::string_view words) {
  const auto model = load("xgboost", bytes);
  ASSERT_FALSE(model) << words;
  EXPECT_EQ(model.error().code, ErrorCode::corrupt);
  EXPECT_NE(model.error().message.find(words), std::string::npos) << model.error().message;
}

TEST(TreeBytes, GiveBackWhatWasWritten) {
  for (const int classes : {2, 3}) {
    const auto file = read_tree_file(small_model(classes));
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->classes, classes);
    EXPECT_EQ(file->columns, (std::vector<std::string>{"x0", "x1", "x2", "x3"}));
    EXPECT_EQ(file->trees.trees(), 6);
    EXPECT_EQ(write_tree_file(classes, file->columns, file->ubj), small_model(classes));
  }
}

TEST(TreeBytes, EveryTruncationIsRefused) {
  for (const int classes : {2, 3}) {
    const std::string& whole = small_model(classes);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      ASSERT_FALSE(load("xgboost", std::string_view(whole).substr(0, length))) << length;
    }
    // The same with a header that tells the truth about the shorter file.
    const auto file = read_tree_file(whole);
    for (std::size_t length = 0; length < file->ubj.size(); ++length) {
      ASSERT_FALSE(load("xgboost", write_tree_file(classes, file->columns, file->ubj.substr(0, length))))
          << length;
    }
    ASSERT_FALSE(load("xgboost", whole + "x"));
    ASSERT_FALSE(load("xgboost", write_tree_file(classes, file->columns, std::string(file->ubj) + "x")));
  }
}

TEST(TreeBytes, TenThousandBitFlipsAreRefusedOrGiveAModel) {
  for (const int classes : {2, 3}) {
    Random random(99);
    const Rows rows = noisy_rows(20, 4, classes, 2);
    int loaded = 0;
    for (int i = 0; i < 5000; ++i) {
      std::string bytes = small_model(classes);
      const std::size_t bit = random.below(bytes.size() * 8);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      const auto model = load("xgboost", bytes);
      if (!model) {
        EXPECT_EQ(model.error().code, ErrorCode::corrupt);
        EXPECT_FALSE(model.error().message.empty());
        continue;
      }
      ++loaded;  // a weight, threshold, gain or name: legal data; checksums and self-test vectors catch it
      for (const double p : predict(**model, rows.matrix())) ASSERT_TRUE(p >= 0 && p <= 1);
    }
    EXPECT_LT(loaded, 4000);
  }
}

TEST(TreeBytes, ManyWrongBytesAtOnceAreNoWorse) {
  Random random(5);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = small_model(2);
    for (std::uint64_t n = random.below(20); n > 0; --n)
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    if (random.below(3) == 0) bytes.erase(random.below(bytes.size()), random.below(40));
    if (random.below(3) == 0)
      bytes.insert(random.below(bytes.size()), random.below(40), static_cast<char>(random.next()));
    (void)load("xgboost", bytes);
  }
}

TEST(TreeBytes, ThatLieAreRefusedWithTheReason) {
  const std::string& good = small_model(2);
  const std::string size(8, '\x7f');
  expect_refused("", "do not begin");
  expect_refused(std::string(4096, '\0'), "do not begin");
  expect_refused(with_bytes(good, "base_weights", 5, size), "longer than the bytes");
  expect_refused(with_bytes(good, "treesS", 0, "X"), "missing");
  expect_refused(with_bytes(good, "left_children", 13, std::string("\0\0\0\0", 4)), "before its parent");
  expect_refused(with_bytes(good, "left_children", 13, std::string("\0\0\x70\0", 4)), "outside its tree");
  expect_refused(with_bytes(good, "left_children", 13, std::string("\0\0\0\2", 4)), "");
  expect_refused(with_bytes(good, "split_indices", 13, std::string("\0\0\0\4", 4)), "column");
  expect_refused(with_bytes(good, "split_indices", 13, "\xff\xff\xff\xff"), "column");
  expect_refused(with_bytes(good, "split_conditions", 13, std::string("\x7f\xc0\0\0", 4)), "not finite");
  expect_refused(with_bytes(good, "split_conditions", 13, std::string("\x7f\x80\0\0", 4)), "not finite");
  {  // a leaf: the last node of the first tree
    const auto file = read_tree_file(good);
    const std::size_t nodes = file->trees.first_node[1];
    expect_refused(with_bytes(good, "split_conditions", 13 + 4 * (nodes - 1), "\x7f\x70\x11\x11"),
                   "leaf weight");
  }
  expect_refused(with_bytes(good, "loss_changes", 13, std::string("\xff\x80\0\0", 4)), "not finite");
  expect_refused(with_bytes(good, "default_left", 13, "\2"), "neither left nor right");
  expect_refused(with_bytes(good, "split_type", 13, "\1"), "categorical");
  expect_refused(with_bytes(good, "base_scoreS", 9, "6E-1"), "5E-1");
  expect_refused(with_bytes(good, "objective", 0, "[{"), "missing");
  const auto file = read_tree_file(good);
  expect_refused(write_tree_file(3, file->columns, file->ubj), "");
  expect_refused(write_tree_file(2, {"x0", "x1", "x2"}, file->ubj), "");
  expect_refused(write_tree_file(2, {}, file->ubj), "cannot be");
}

}  // namespace
}  // namespace pawl::models
