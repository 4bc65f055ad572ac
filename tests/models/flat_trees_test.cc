// Our evaluator against XGBoost's own prediction, bit for bit.
#include "models/kinds/flat_trees.h"

#include "models/kinds/training_rows.h"
#include "models/kinds/xgboost_library.h"
#include "models/model_support.h"

namespace pawl::models {
namespace {

// Rows of everything that a float can be, with a liking for the model's own thresholds.
std::vector<double> nasty_rows(const TreeFile& file, std::size_t count, Random& random) {
  std::vector<std::vector<double>> known(file.columns.size(), {0.0});
  for (std::size_t node = 0; node < file.trees.value.size(); ++node) {
    if (file.trees.left[node] < 0) continue;
    known[static_cast<std::size_t>(file.trees.column[node])].push_back(
        static_cast<double>(file.trees.value[node]));
  }
  std::vector<double> rows;
  for (std::size_t i = 0; i < count * known.size(); ++i) {
    const auto& thresholds = known[i % known.size()];
    const double near = thresholds[random.below(thresholds.size())];
    switch (random.below(10)) {
      case 0:
        rows.push_back(kNan);
        break;
      case 1:
        rows.push_back(random.below(2) == 0 ? kInf : -kInf);
        break;
      case 2:
        rows.push_back(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(random.next()))));
        break;
      case 3:
        rows.push_back(5e-324 * static_cast<double>(random.below(1000)));
        break;
      case 4:
        rows.push_back(static_cast<double>(1e-45F) * static_cast<double>(random.below(100)) - 5e-44);
        break;
      case 5:
        rows.push_back(near);
        break;
      case 6:
        rows.push_back(static_cast<double>(std::nextafter(static_cast<float>(near), -1e9F)));
        break;
      case 7:
        rows.push_back(std::nextafter(near, -1e9));
        break;  // rounds up to the threshold
      default:
        rows.push_back(random.normal() * 2);
    }
  }
  return rows;
}

void expect_bit_equal(const std::string& bytes, std::size_t count, std::uint64_t seed) {
  const auto file = read_tree_file(bytes);
  ASSERT_TRUE(file) << file.error().message;
  const auto model = load("xgboost", bytes);
  ASSERT_TRUE(model) << model.error().message;
  Random random(seed);
  const auto rows = nasty_rows(*file, count, random);
  std::vector<float> seen;
  for (const double value : rows) seen.push_back(FlatTrees::seen(value));
  auto booster = Booster::load(file->ubj);
  ASSERT_TRUE(booster);
  const auto expected = booster->predict({seen, count, file->columns.size()});
  ASSERT_TRUE(expected);
  const auto ours = predict(**model, {rows, count, file->columns.size()});
  const std::size_t width = file->classes > 2 ? 3 : 1;
  std::size_t different = 0;
  for (std::size_t i = 0; i < expected->size(); ++i) {
    const double own = ours[width == 1 ? i * 2 + 1 : i];
    different += std::bit_cast<std::uint64_t>(own) !=
                 std::bit_cast<std::uint64_t>(static_cast<double>((*expected)[i]));
  }
  EXPECT_EQ(different, 0U) << "of " << expected->size();
}

struct Grown {
  const char* name;
  const char* yaml;
  int classes;
  std::size_t columns;
};

class FlatTreesEqual : public testing::TestWithParam<Grown> {};

TEST_P(FlatTreesEqual, XgboostOnAHundredThousandRows) {
  const auto& [name, yaml, classes, columns] = GetParam();
  const auto trained = train("xgboost", yaml, noisy_rows(3000, columns, classes, 77).request());
  ASSERT_TRUE(trained) << trained.error().message;
  expect_bit_equal(trained->bytes, 100'003, 5);  // not a multiple of the block
}

INSTANTIATE_TEST_SUITE_P(
    , FlatTreesEqual,
    testing::Values(
        Grown{"usual", "{}", 2, 8}, Grown{"three_classes", "{trees: 61}", 3, 8},
        Grown{"stump", "{trees: 1, depth: 1}", 2, 2},
        Grown{"deep", "{trees: 40, depth: 10, min_child_weight: 0}", 2, 5},
        Grown{"steep", "{trees: 150, depth: 6, learning_rate: 1, l2: 0, min_child_weight: 0}", 2, 3},
        Grown{"steep_three", "{trees: 100, depth: 5, learning_rate: 1, l2: 0, min_child_weight: 0}", 3, 3},
        Grown{"one_column", "{trees: 33, depth: 3, column_share: 1}", 2, 1}),
    [](const auto& grown) { return grown.param.name; });

TEST(FlatTrees, AModelOfTheMostColumnsStillFits) {
  Rows rows = noisy_rows(60, kMaxColumns, 2, 3);
  const auto trained = train("xgboost", "{trees: 3, depth: 2}", rows.request());
  ASSERT_TRUE(trained) << trained.error().message;
  expect_bit_equal(trained->bytes, 200, 1);
  rows = noisy_rows(60, kMaxColumns + 1, 2, 3);
  const auto refused = train("xgboost", "{trees: 3}", rows.request());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_data);
}

// A wide margin, where the bound on the sigmoid's exponent and subnormal probabilities show.
TEST(FlatTrees, ExtremeMarginsKeepTheirBits) {
  Rows rows = noisy_rows(400, 2, 2, 4);
  for (std::size_t row = 0; row < rows.count(); ++row) rows.values[row * 2] = rows.labels[row] == 1 ? 3 : -3;
  for (const char* yaml :
       {"{trees: 3000, depth: 2, learning_rate: 1, l2: 0, min_child_weight: 0, subsample: 1}"}) {
    const auto trained = train("xgboost", yaml, rows.request());
    ASSERT_TRUE(trained) << trained.error().message;
    expect_bit_equal(trained->bytes, 2000, 9);
  }
}

}  // namespace
}  // namespace pawl::models
