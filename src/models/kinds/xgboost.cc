// Gradient-boosted trees: grown by XGBoost, served by our own evaluator, which every load holds against the
// library's answers.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "models/kinds/boosting.h"
#include "models/kinds/flat_trees.h"
#include "models/kinds/kinds.h"
#include "models/kinds/training_rows.h"
#include "models/kinds/tree_bytes.h"
#include "models/kinds/tree_explanation.h"
#include "models/kinds/xgboost_library.h"

namespace pawl::models {
namespace {

constexpr std::size_t kCheckRows = 32;
constexpr std::uint64_t kCheckSeed = 20'240'229;
constexpr std::uint64_t kSeedStream = 0x7472'6565;  // "tree": apart from what else uses the request's seed

struct ColumnUse {
  std::string name;
  double gain = 0;
  std::int64_t splits = 0;
};

class TreeModel final : public Model {
 public:
  TreeModel(FlatTrees trees, std::vector<ColumnUse> columns)
      : trees_(std::move(trees)), columns_(std::move(columns)) {}

  int classes() const override { return trees_.classes(); }
  std::size_t columns() const override { return columns_.size(); }
  void predict(const Matrix& rows, std::span<double> probabilities) const override {
    trees_.predict(rows, probabilities);
  }

  Json describe() const override {
    std::vector<std::size_t> order(columns_.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater{}, [this](std::size_t c) { return columns_[c].gain; });
    Json by_gain = Json::array();
    for (const std::size_t c : order) {
      by_gain.push_back(
          {{"name", columns_[c].name}, {"gain", columns_[c].gain}, {"splits", columns_[c].splits}});
    }
    const std::size_t trees_a_round = classes() > 2 ? static_cast<std::size_t>(classes()) : 1;
    return {{"classes", classes()},    {"rounds", trees_.trees() / trees_a_round},
            {"trees", trees_.trees()}, {"depth", trees_.depth()},
            {"nodes", trees_.nodes()}, {"columns", by_gain}};
  }

 private:
  FlatTrees trees_;
  std::vector<ColumnUse> columns_;
};

std::vector<ColumnUse> use_by_column(const TreeFile& file) {
  std::vector<ColumnUse> use;
  for (const std::string& name : file.columns) use.push_back({name, 0, 0});
  const ParsedTrees& trees = file.trees;
  for (std::size_t node = 0; node < trees.value.size(); ++node) {
    if (trees.left[node] < 0) continue;
    ColumnUse& column = use[static_cast<std::size_t>(trees.column[node])];
    column.gain += static_cast<double>(trees.gain[node]);
    ++column.splits;
  }
  return use;
}

// Rows that ask the trees where they could go wrong: at their own thresholds and just below, at missing and
// at extreme values. The same model gets the same rows every time.
std::vector<double> check_rows(const TreeFile& file) {
  const ParsedTrees& trees = file.trees;
  std::vector<std::vector<float>> thresholds(file.columns.size());
  for (std::size_t node = 0; node < trees.value.size(); ++node) {
    if (trees.left[node] >= 0)
      thresholds[static_cast<std::size_t>(trees.column[node])].push_back(trees.value[node]);
  }
  Random random(kCheckSeed);
  std::vector<double> rows;
  rows.reserve(kCheckRows * thresholds.size());
  while (rows.size() < kCheckRows * thresholds.size()) {
    const std::vector<float>& known = thresholds[rows.size() % thresholds.size()];
    const float near = known.empty() ? 0.0F : known[random.below(known.size())];
    switch (random.below(8)) {
      case 0:
        rows.push_back(std::numeric_limits<double>::quiet_NaN());
        break;
      case 1:
        rows.push_back(random.below(2) != 0 ? kLargestValue : -kLargestValue);
        break;
      case 2:
        rows.push_back(random.normal());
        break;
      case 3:
        rows.push_back(static_cast<double>(std::nextafter(near, -std::numeric_limits<float>::infinity())));
        break;
      case 4:
        rows.push_back(static_cast<double>(near) +
                       random.normal() * (std::abs(static_cast<double>(near)) + 1));
        break;
      default:
        rows.push_back(static_cast<double>(near));
    }
  }
  return rows;
}

// Bit for bit, or the model may not serve.
Status check_against_library(const TreeFile& file, const FlatTrees& trees) {
  auto booster = Booster::load(file.ubj);
  if (!booster) return fail(ErrorCode::corrupt, "tree model: {}", booster.error().message);
  const std::vector<double> rows = check_rows(file);
  std::vector<float> seen(rows.size());
  std::ranges::transform(rows, seen.begin(), FlatTrees::seen);
  const auto expected = booster->predict({seen, kCheckRows, file.columns.size()});
  if (!expected) return fail(ErrorCode::corrupt, "tree model: {}", expected.error().message);
  const auto classes = static_cast<std::size_t>(file.classes);
  std::vector<double> ours(kCheckRows * classes);
  trees.predict({rows, kCheckRows, file.columns.size()}, ours);
  const std::size_t width = classes > 2 ? classes : 1;
  if (expected->size() != kCheckRows * width)
    return fail(ErrorCode::corrupt, "tree model: another number of outputs");
  for (std::size_t i = 0; i < expected->size(); ++i) {
    const double own = ours[width == 1 ? i * 2 + 1 : i];
    if (std::bit_cast<std::uint64_t>(own) !=
        std::bit_cast<std::uint64_t>(static_cast<double>((*expected)[i]))) {
      return fail(ErrorCode::corrupt, "tree model: check row {} gives {}, the library says {}", i / width,
                  own, (*expected)[i]);
    }
  }
  return {};
}

Result<std::unique_ptr<Model>> load(std::string_view bytes) {
  const auto file = read_tree_file(bytes);
  if (!file) return propagate(file);
  FlatTrees trees(file->trees, file->classes, file->columns.size());
  if (auto equal = check_against_library(*file, trees); !equal) return propagate(equal);
  return std::make_unique<TreeModel>(std::move(trees), use_by_column(*file));
}

BoostSettings boost_settings(const Settings& settings, const TrainRequest& request) {
  BoostSettings boost;
  boost.classes = request.classes;
  boost.depth = settings.integer("depth");
  boost.max_bins = settings.integer("max_bins");
  boost.learning_rate = settings.number("learning_rate");
  boost.subsample = settings.number("subsample");
  boost.column_share = settings.number("column_share");
  boost.min_child_weight = settings.number("min_child_weight");
  boost.l2 = settings.number("l2");
  // The library takes 31 bits.
  boost.seed = static_cast<std::uint32_t>(derive_seed(request.seed, kSeedStream) >> 33);
  boost.threads = std::max(1, request.threads);
  return boost;
}

Json to_json(const StoppingPoint& point) {
  return {{"best_round", point.best_round},       {"rounds_tried", point.rounds_tried},
          {"fitted_rows", point.fitted_rows},     {"held_rows", point.held_rows},
          {"best_log_loss", point.best_log_loss}, {"last_log_loss", point.last_log_loss}};
}

Result<Trained> train(const Settings& settings, const TrainRequest& request) {
  if (auto checked = check_training_rows(request); !checked) return propagate(checked);
  const BoostSettings boost = boost_settings(settings, request);
  const EarlyStopping stopping{static_cast<int>(settings.integer("early_stopping_rounds")),
                               settings.number("early_stopping_share"),
                               static_cast<std::size_t>(settings.integer("early_stopping_gap_rows"))};
  Trained trained;
  trained.rounds = request.frozen_rounds.value_or(static_cast<int>(settings.integer("trees")));
  assert(trained.rounds >= 1);
  if (stopping.patience_rounds > 0 && !request.frozen_rounds) {
    const auto point = find_stopping_point(request, boost, stopping, trained.rounds);
    if (!point) return propagate(point);
    trained.rounds = point->best_round;
    trained.report["early_stopping"] = to_json(*point);
  }
  const auto ubj = grow(request, boost, trained.rounds);
  if (!ubj) return propagate(ubj);
  std::vector<std::string> names;
  for (std::size_t c = 0; c < request.rows.columns; ++c) names.push_back(column_name(request, c));
  trained.bytes = write_tree_file(request.classes, names, *ubj);
  trained.report["rounds"] = trained.rounds;
  // What cannot be loaded is better known here than when it is to serve.
  const auto model = load(trained.bytes);
  if (!model)
    return fail(ErrorCode::internal, "the model just trained does not load: {}", model.error().message);
  trained.report["model"] = (*model)->describe();
  return trained;
}

}  // namespace

ModelKind xgboost_kind() {
  return {
      .name = "xgboost",
      .help = "Gradient-boosted trees on binned columns (XGBoost, hist); missing values find their own side.",
      .schema =
          Schema{}
              .integer("trees", 200, "rounds; with three classes each round grows a tree per class")
              .range(1, 10'000)
              .integer("depth", 4, "splits between root and leaf at most")
              .range(1, 12)
              .number("learning_rate", 0.05, "share of each tree's correction that is taken")
              .range(1e-4, 1)
              .number("subsample", 0.8, "share of rows that each round sees")
              .range(0.05, 1)
              .number("column_share", 0.8, "share of columns that each tree sees")
              .range(0.05, 1)
              .number("min_child_weight", 1, "least sum of p(1 − p) on either side of a split")
              .range(0, 1e6)
              .number("l2", 1, "penalty on leaf weights")
              .range(0, 1e6)
              .integer("max_bins", 256, "steps that a column is cut into")
              .range(2, 4096)
              .integer("early_stopping_rounds", 0,
                       "stop when the held rows have not improved for so many; 0 is off")
              .range(0, 10'000)
              .number("early_stopping_share", 0.2, "the last share of the rows, held to see when to stop")
              .range(0.01, 0.9)
              .integer("early_stopping_gap_rows", 0,
                       "rows left out before the held ones, for labels that overlap")
              .range(0, 1e9),
      .train = train,
      .load = load,
      .importance = tree_importance,
      .contributions = tree_contributions};
}

}  // namespace pawl::models
