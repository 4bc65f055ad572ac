#include "models/explanation.h"

#include <array>
#include <numeric>

#include "models/kinds/flat_trees.h"
#include "models/kinds/tree_bytes.h"
#include "models/model_support.h"

namespace pawl::models {
namespace {

Contributions explain(std::string_view kind, const std::string& bytes, std::span<const double> row) {
  auto made = find_model_kind(kind)->contributions(bytes, row);
  EXPECT_TRUE(made) << made.error().message;
  return made.value_or(Contributions{});
}

Importance importance_of(std::string_view kind, const std::string& bytes) {
  auto importance = find_model_kind(kind)->importance(bytes);
  EXPECT_TRUE(importance) << importance.error().message;
  return importance.value_or(Importance{});
}

double total_share(const Importance& importance) {
  double total = 0;
  for (const Importance::Column& column : importance.columns) total += column.share;
  return total;
}

// Shapley values by their definition, over all subsets of the columns, written without a look at the library:
// what is known of a row leads through the trees, and where a split asks for what is not known, both sides
// count by the training rows that went there. How much each row weighs (its second derivative) is computed
// round by round from the training rows, not read from the model.
class ShapleyByDefinition {
 public:
  ShapleyByDefinition(const std::string& bytes, const Rows& rows)
      : file_(*read_tree_file(bytes)), rows_(rows), scores_(file_.classes > 2 ? 3 : 1) {
    const ParsedTrees& trees = file_.trees;
    cover_.resize(trees.value.size());
    std::vector<double> margins(rows.count() * scores_, first_margin());
    for (std::size_t round = 0; round * scores_ < trees.trees(); ++round) {
      const std::vector<double> before = margins;
      for (std::size_t s = 0; s < scores_; ++s) {
        const std::size_t tree = round * scores_ + s;
        for (std::size_t row = 0; row < rows.count(); ++row) {
          std::size_t node = trees.first_node[tree];
          const double weight = weight_of(std::span(before).subspan(row * scores_, scores_), s);
          cover_[node] += weight;
          while (trees.left[node] >= 0) {
            node = child(tree, node, row_of(row));
            cover_[node] += weight;
          }
          margins[row * scores_ + s] += static_cast<double>(trees.value[node]);
        }
      }
    }
  }

  double first_margin() const { return scores_ == 1 ? 0.0 : 0.5; }

  // What a score is expected to be where only the columns of `known` are.
  double expected(std::size_t score, std::span<const double> row, unsigned known) const {
    double sum = first_margin();
    for (std::size_t tree = score; tree < file_.trees.trees(); tree += scores_)
      sum += expected_below(tree, file_.trees.first_node[tree], row, known);
    return sum;
  }

  double shapley(std::size_t score, std::span<const double> row, std::size_t column) const {
    const std::size_t n = row.size();
    const auto factorial = [](std::size_t k) {
      double product = 1;
      for (std::size_t i = 2; i <= k; ++i) product *= static_cast<double>(i);
      return product;
    };
    double value = 0;
    for (unsigned subset = 0; subset < (1U << n); ++subset) {
      if ((subset & (1U << column)) != 0) continue;
      const auto size = static_cast<std::size_t>(std::popcount(subset));
      const double weight = factorial(size) * factorial(n - size - 1) / factorial(n);
      value += weight * (expected(score, row, subset | (1U << column)) - expected(score, row, subset));
    }
    return value;
  }

 private:
  std::span<const double> row_of(std::size_t row) const {
    return std::span(rows_.values).subspan(row * rows_.columns, rows_.columns);
  }
  std::size_t child(std::size_t tree, std::size_t node, std::span<const double> row) const {
    const ParsedTrees& trees = file_.trees;
    const double value = row[static_cast<std::size_t>(trees.column[node])];
    const bool left =
        std::isnan(value) ? trees.default_left[node] != 0 : static_cast<float>(value) < trees.value[node];
    return trees.first_node[tree] + static_cast<std::size_t>(left ? trees.left[node] : trees.right[node]);
  }
  double weight_of(std::span<const double> margins, std::size_t score) const {
    if (scores_ == 1) {
      const double p = 1 / (1 + std::exp(-margins[0]));
      return p * (1 - p);
    }
    double sum = 0;
    for (const double margin : margins) sum += std::exp(margin);
    const double p = std::exp(margins[score]) / sum;
    return 2 * p * (1 - p);
  }
  double expected_below(std::size_t tree, std::size_t node, std::span<const double> row,
                        unsigned known) const {
    const ParsedTrees& trees = file_.trees;
    if (trees.left[node] < 0) return static_cast<double>(trees.value[node]);
    if ((known & (1U << trees.column[node])) != 0)
      return expected_below(tree, child(tree, node, row), row, known);
    const std::size_t first = trees.first_node[tree];
    const std::size_t left = first + static_cast<std::size_t>(trees.left[node]),
                      right = first + static_cast<std::size_t>(trees.right[node]);
    return (cover_[left] * expected_below(tree, left, row, known) +
            cover_[right] * expected_below(tree, right, row, known)) /
           cover_[node];
  }

  TreeFile file_;
  const Rows& rows_;
  std::size_t scores_;
  std::vector<double> cover_;
};

class TreeShap : public testing::TestWithParam<int> {};

TEST_P(TreeShap, IsTheShapleyValueByDefinition) {
  const Rows rows = noisy_rows(400, 3, GetParam(), 17), later = noisy_rows(60, 3, GetParam(), 18);
  const auto trained = train(
      "xgboost", "{trees: 6, depth: 3, learning_rate: 0.3, subsample: 1, column_share: 1}", rows.request());
  ASSERT_TRUE(trained) << trained.error().message;
  const ShapleyByDefinition oracle(trained->bytes, rows);
  for (std::size_t r = 0; r < later.count(); ++r) {
    const std::span<const double> row = std::span(later.values).subspan(r * 3, 3);
    const Contributions made = explain("xgboost", trained->bytes, row);
    ASSERT_EQ(made.scores(), GetParam() == 2 ? 1U : 3U);
    for (std::size_t s = 0; s < made.scores(); ++s) {
      EXPECT_NEAR(made.bias[s], oracle.expected(s, row, 0), 1e-5) << "row " << r << " score " << s;
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_NEAR(made.of_score(s)[c], oracle.shapley(s, row, c), 1e-5)
            << "row " << r << " score " << s << " column " << c;
    }
  }
}

TEST_P(TreeShap, AddsUpToTheProbabilitiesServed) {
  const Rows rows = noisy_rows(2000, 8, GetParam(), 3), later = noisy_rows(200, 8, GetParam(), 4);
  const auto trained = train("xgboost", "{trees: 150, depth: 4}", rows.request());
  ASSERT_TRUE(trained) << trained.error().message;
  const auto model = load("xgboost", trained->bytes);
  ASSERT_TRUE(model);
  double widest = 0;
  for (std::size_t r = 0; r < later.count(); ++r) {
    std::vector<double> row(later.values.begin() + static_cast<std::ptrdiff_t>(r * 8),
                            later.values.begin() + static_cast<std::ptrdiff_t>(r * 8 + 8));
    if (r == 0) row.assign(8, kNan);
    if (r == 1) row[2] = kInf;
    const auto p = predict_one(**model, row);
    const SumCheck check = check_sum(explain("xgboost", trained->bytes, row), p);
    EXPECT_TRUE(check.holds) << "row " << r << ": " << check.gap;
    widest = std::max(widest, check.gap);
  }
  EXPECT_LE(widest, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Classes, TreeShap, testing::Values(2, 3));

TEST(GainImportance, SumsToOneAndCountsTheSplitsOfTheTrees) {
  const Rows rows = noisy_rows(2000, 6, 2, 31);
  const auto trained = train("xgboost", "{trees: 50}", rows.request());
  const Importance importance = importance_of("xgboost", trained->bytes);
  EXPECT_EQ(importance.kind, "gain");
  ASSERT_EQ(importance.columns.size(), 6U);
  EXPECT_NEAR(total_share(importance), 1, 1e-12);
  // The library's sums against the gains that stand in the trees themselves.
  const TreeFile file = *read_tree_file(trained->bytes);
  std::vector<double> gain(6), splits(6);
  for (std::size_t node = 0; node < file.trees.value.size(); ++node) {
    if (file.trees.left[node] < 0) continue;
    gain[static_cast<std::size_t>(file.trees.column[node])] += static_cast<double>(file.trees.gain[node]);
    splits[static_cast<std::size_t>(file.trees.column[node])] += 1;
  }
  const double total = std::accumulate(gain.begin(), gain.end(), 0.0);
  double means = 0;
  for (std::size_t c = 0; c < 6; ++c) means += gain[c] / splits[c];
  for (std::size_t c = 0; c < 6; ++c) {
    const Importance::Column& column = importance.columns[c];
    EXPECT_EQ(column.name, fmt::format("x{}", c));
    EXPECT_EQ(static_cast<double>(column.splits), splits[c]);
    EXPECT_NEAR(column.total_share, gain[c] / total, 1e-5);
    EXPECT_NEAR(column.share, gain[c] / splits[c] / means, 1e-5);
  }
  EXPECT_GT(importance.columns[1].share, importance.columns[3].share);
}

TEST(GainImportance, OfAColumnThatNoSplitAsksForIsZero) {
  Rows rows = noisy_rows(500, 3, 2, 5);
  for (std::size_t r = 0; r < rows.count(); ++r) rows.values[r * 3 + 2] = 1.5;
  const auto trained = train("xgboost", "{trees: 5}", rows.request());
  const Importance importance = importance_of("xgboost", trained->bytes);
  EXPECT_EQ(importance.columns[2].share, 0);
  EXPECT_EQ(importance.columns[2].splits, 0);
  EXPECT_NEAR(total_share(importance), 1, 1e-12);
}

TEST(LogisticImportance, IsTheWeightTimesTheSpreadInTraining) {
  Rows rows = noisy_rows(1500, 4, 2, 6);
  // The same column in other units: its weight shrinks, its importance stays.
  const auto plain = train("logistic", "{}", rows.request());
  for (std::size_t r = 0; r < rows.count(); ++r) rows.values[r * 4] *= 1000;
  const auto scaled = train("logistic", "{}", rows.request());
  const Importance a = importance_of("logistic", plain->bytes), b = importance_of("logistic", scaled->bytes);
  EXPECT_EQ(a.kind, "weight_spread");
  EXPECT_NEAR(total_share(a), 1, 1e-12);
  EXPECT_GT(a.columns[0].share, a.columns[2].share * 3);
  for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(a.columns[c].share, b.columns[c].share, 1e-6);
}

TEST(LogisticContributions, AreTheWeightTimesTheDistanceFromTheMean) {
  for (const int classes : {2, 3}) {
    const Rows rows = noisy_rows(800, 4, classes, 9), later = noisy_rows(50, 4, classes, 10);
    const auto trained = train("logistic", "{}", rows.request());
    const auto model = load("logistic", trained->bytes);
    ASSERT_TRUE(model);
    const Json about = (*model)->describe();
    for (std::size_t r = 0; r < later.count(); ++r) {
      const std::vector<double> row(later.values.begin() + static_cast<std::ptrdiff_t>(r * 4),
                                    later.values.begin() + static_cast<std::ptrdiff_t>(r * 4 + 4));
      const Contributions made = explain("logistic", trained->bytes, row);
      EXPECT_TRUE(check_sum(made, predict_one(**model, row)).holds);
      for (std::size_t s = 0; s < made.scores(); ++s) {
        for (std::size_t c = 0; c < 4; ++c) {
          const Json& column = about["columns"][c];
          const double z = std::isnan(row[c])
                               ? 0
                               : (row[c] - column["mean"].get<double>()) / column["scale"].get<double>();
          EXPECT_NEAR(made.of_score(s)[c], column["weights"][s].get<double>() * z, 1e-12);
        }
      }
    }
  }
}

TEST(RulesContributions, SayWhichRuleSpoke) {
  TrainRequest request;
  request.rows.columns = 1;
  const auto trend = train("rules", "{fast: 5, slow: 20}", request);
  ASSERT_TRUE(trend) << trend.error().message;
  EXPECT_EQ(explain("rules", trend->bytes, std::vector{1.25}).rule,
            "trend: ema(5)/ema(20) = 1.25 ≥ 1, so it leans up by 0.05");
  EXPECT_EQ(explain("rules", trend->bytes, std::vector{0.5}).rule,
            "trend: ema(5)/ema(20) = 0.5 < 1, so it leans down by 0.05");
  EXPECT_EQ(explain("rules", trend->bytes, std::vector{kNan}).rule,
            "trend: ema(5)/ema(20) is not known yet, so there is no side to take");
  EXPECT_EQ(explain("rules", trend->bytes, std::vector{1.25}).scores(), 0U);
  const auto revert = train("rules", "{rule: revert, fast: 5, slow: 20}", request);
  EXPECT_EQ(explain("rules", revert->bytes, std::vector{1.25}).rule,
            "revert: ema(5)/ema(20) = 1.25 > 1, so it leans down by 0.05");
  const Importance none = importance_of("rules", trend->bytes);
  EXPECT_EQ(none.kind, "none");
  EXPECT_TRUE(none.columns.empty());
  EXPECT_FALSE(why_no_importance(none).empty());
}

TEST(Explanation, RefusesARowOfAnotherWidthAndBytesThatAreNoModel) {
  const Rows rows = noisy_rows(300, 3, 2, 5);
  TrainRequest request = rows.request();
  for (const std::string_view kind : {"xgboost", "logistic", "rules"}) {
    if (kind == "rules") request.rows = {.values = {}, .rows = 0, .columns = 1};
    const auto trained = train(kind, "{}", request);
    ASSERT_TRUE(trained) << trained.error().message;
    const auto wide = find_model_kind(kind)->contributions(trained->bytes, std::vector<double>(5));
    ASSERT_FALSE(wide);
    EXPECT_EQ(wide.error().code, ErrorCode::invalid_argument);
    const std::string cut = trained->bytes.substr(0, trained->bytes.size() - 3);
    EXPECT_EQ(find_model_kind(kind)->contributions(cut, std::vector<double>(3)).error().code,
              ErrorCode::corrupt);
    EXPECT_EQ(find_model_kind(kind)->importance(cut).error().code, ErrorCode::corrupt);
  }
}

TEST(Importance, IsReadBackAsItWasWritten) {
  const Rows rows = noisy_rows(500, 4, 3, 5);
  for (const std::string_view kind : {"xgboost", "logistic"}) {
    const Importance importance = importance_of(kind, train(kind, "{}", rows.request())->bytes);
    const Json written = to_json(importance);
    const auto again = importance_from_json(*parse_json(written.dump()));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_json(*again), written);
  }
  EXPECT_EQ(importance_from_json(Json{{"kind", "guess"}, {"columns", Json::array()}}).error().code,
            ErrorCode::corrupt);
  EXPECT_EQ(importance_from_json(Json{{"kind", "gain"}, {"columns", {{{"name", "a"}}}}}).error().code,
            ErrorCode::corrupt);
}

TEST(SumCheck, SeesAContributionThatIsMissing) {
  Contributions made{.bias = {0.2}, .by_column = {0.5, -0.1}, .rule = {}};
  const double p = 1 / (1 + std::exp(-0.6));
  EXPECT_TRUE(check_sum(made, std::array{1 - p, p}).holds);
  made.by_column[1] = 0;
  EXPECT_FALSE(check_sum(made, std::array{1 - p, p}).holds);
  EXPECT_FALSE(check_sum(made, std::array{1.0, 0.0}).holds) << "nothing adds up to minus infinity";
  // So sure that the probability has no digits left to say how sure: still explained.
  made.bias = {40};
  EXPECT_TRUE(check_sum(made, std::array{0.0, 1.0}).holds);
}

}  // namespace
}  // namespace pawl::models
