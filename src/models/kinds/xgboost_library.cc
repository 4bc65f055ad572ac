#include "models/kinds/xgboost_library.h"

#include <xgboost/c_api.h>

#include <charconv>
#include <utility>

namespace pawl::models {
namespace {

// 0 is success in every call of the C interface.
Status checked(int code, std::string_view doing) {
  if (code == 0) return {};
  return fail(ErrorCode::internal, "xgboost, {}: {}", doing, XGBGetLastError());
}

// The library takes arrays as JSON with their address in it.
std::string array_of(const FloatRows& rows) {
  return fmt::format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})",
                     reinterpret_cast<std::uintptr_t>(rows.values.data()), rows.rows, rows.columns);
}

// One batch, handed out once per pass.
struct OneBatch {
  DMatrixHandle proxy = nullptr;
  std::string array;
  bool given = false;
};

void rewind_batch(DataIterHandle handle) {
  static_cast<OneBatch*>(handle)->given = false;
}

int next_batch(DataIterHandle handle) {
  auto* batch = static_cast<OneBatch*>(handle);
  if (std::exchange(batch->given, true)) return 0;
  return XGProxyDMatrixSetDataDense(batch->proxy, batch->array.c_str()) == 0 ? 1 : 0;
}

// Rows that are only asked about have none.
Status set_labels(DMatrixHandle handle, std::span<const float> labels) {
  if (labels.empty()) return {};
  return checked(XGDMatrixSetFloatInfo(handle, "label", labels.data(), labels.size()), "setting labels");
}

}  // namespace

void BoostMatrix::Free::operator()(void* handle) const {
  XGDMatrixFree(handle);
}
void Booster::Free::operator()(void* handle) const {
  XGBoosterFree(handle);
}

Result<BoostMatrix> BoostMatrix::binned(const FloatRows& rows, std::span<const float> labels,
                                        const BoostSettings& settings) {
  DMatrixHandle handle = nullptr;
  if (auto made = checked(XGProxyDMatrixCreate(&handle), "making a proxy"); !made) return propagate(made);
  const BoostMatrix proxy(handle);
  OneBatch batch{handle, array_of(rows)};
  const std::string config =
      fmt::format(R"({{"missing":NaN,"nthread":{},"max_bin":{}}})", settings.threads, settings.max_bins);
  handle = nullptr;
  const int code = XGQuantileDMatrixCreateFromCallback(&batch, batch.proxy, nullptr, rewind_batch, next_batch,
                                                       config.c_str(), &handle);
  if (auto made = checked(code, "binning rows"); !made) return propagate(made);
  BoostMatrix matrix(handle);
  if (auto set = set_labels(handle, labels); !set) return propagate(set);
  return matrix;
}

Result<BoostMatrix> BoostMatrix::plain(const FloatRows& rows, std::span<const float> labels, int threads) {
  DMatrixHandle handle = nullptr;
  const std::string config = fmt::format(R"({{"missing":NaN,"nthread":{}}})", threads);
  const int code = XGDMatrixCreateFromDense(array_of(rows).c_str(), config.c_str(), &handle);
  if (auto made = checked(code, "reading rows"); !made) return propagate(made);
  BoostMatrix matrix(handle);
  if (auto set = set_labels(handle, labels); !set) return propagate(set);
  return matrix;
}

Status Booster::set(const char* name, const std::string& value) {
  return checked(XGBoosterSetParam(handle_.get(), name, value.c_str()), name);
}

Result<Booster> Booster::create(const BoostSettings& settings, std::span<const BoostMatrix* const> matrices) {
  std::vector<DMatrixHandle> handles;
  for (const BoostMatrix* matrix : matrices) handles.push_back(matrix->handle_.get());
  BoosterHandle handle = nullptr;
  const int code = XGBoosterCreate(handles.data(), handles.size(), &handle);
  if (auto made = checked(code, "making a booster"); !made) return propagate(made);
  Booster booster(handle);
  const auto number = [](auto value) { return fmt::format("{}", value); };
  std::vector<std::pair<const char*, std::string>> parameters = {
      {"verbosity", "0"},
      {"nthread", number(settings.threads)},
      {"booster", "gbtree"},
      {"tree_method", "hist"},
      {"base_score", "0.5"},
      {"max_depth", number(settings.depth)},
      {"eta", number(settings.learning_rate)},
      {"subsample", number(settings.subsample)},
      {"colsample_bytree", number(settings.column_share)},
      {"min_child_weight", number(settings.min_child_weight)},
      {"lambda", number(settings.l2)},
      {"max_bin", number(settings.max_bins)},
      {"seed", number(settings.seed)},
      // The library's generator belongs to the thread; seeded anew each round it cannot depend on what else
      // the thread did between two rounds.
      {"seed_per_iteration", "1"},
      {"objective", settings.classes > 2 ? "multi:softprob" : "binary:logistic"}};
  if (settings.classes > 2) parameters.emplace_back("num_class", number(settings.classes));
  for (const auto& [name, value] : parameters) {
    if (auto set = booster.set(name, value); !set) return propagate(set);
  }
  return booster;
}

Result<Booster> Booster::load(std::string_view ubj) {
  BoosterHandle handle = nullptr;
  if (auto made = checked(XGBoosterCreate(nullptr, 0, &handle), "making a booster"); !made)
    return propagate(made);
  Booster booster(handle);
  for (const auto& [name, value] : {std::pair{"verbosity", "0"}, std::pair{"nthread", "1"}}) {
    if (auto set = booster.set(name, value); !set) return propagate(set);
  }
  const int code = XGBoosterLoadModelFromBuffer(handle, ubj.data(), ubj.size());
  if (auto loaded = checked(code, "loading a model"); !loaded) return propagate(loaded);
  return booster;
}

Status Booster::train_round(int round, const BoostMatrix& rows) {
  return checked(XGBoosterUpdateOneIter(handle_.get(), round, rows.handle_.get()), "training a round");
}

Result<std::vector<float>> Booster::ask(const BoostMatrix& rows, const char* config) {
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  const int code =
      XGBoosterPredictFromDMatrix(handle_.get(), rows.handle_.get(), config, &shape, &dimensions, &values);
  if (auto predicted = checked(code, "predicting"); !predicted) return propagate(predicted);
  std::size_t count = 1;
  for (bst_ulong d = 0; d < dimensions; ++d) count *= shape[d];
  return std::vector<float>(values, values + count);
}

Result<std::vector<float>> Booster::margins(const BoostMatrix& rows) {
  return ask(rows,
             R"({"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true})");
}

Result<std::vector<float>> Booster::contributions(const BoostMatrix& rows) {
  return ask(rows,
             R"({"type":2,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true})");
}

Result<std::vector<float>> Booster::feature_scores(std::string_view kind, std::size_t columns) {
  const std::string config = fmt::format(R"({{"importance_type":"{}"}})", kind);
  bst_ulong count = 0, dimensions = 0;
  const char** names = nullptr;
  const bst_ulong* shape = nullptr;
  const float* scores = nullptr;
  const int code =
      XGBoosterFeatureScore(handle_.get(), config.c_str(), &count, &names, &dimensions, &shape, &scores);
  if (auto scored = checked(code, "scoring columns"); !scored) return propagate(scored);
  std::vector<float> by_column(columns);
  for (bst_ulong i = 0; i < count; ++i) {
    // Columns have no names in the library, so it calls them f0, f1, …
    const std::string_view name = names[i];
    std::size_t column = columns;
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), column);
    if (error != std::errc{} || end != name.data() + name.size() || column >= columns) {
      return fail(ErrorCode::internal, "xgboost, scoring columns: it names a column \"{}\"", name);
    }
    by_column[column] = scores[i];
  }
  return by_column;
}

Result<std::vector<float>> Booster::predict(const FloatRows& rows) {
  static constexpr const char* kProbabilities =
      R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true,"missing":NaN,)"
      R"("cache_id":0})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  const int code = XGBoosterPredictFromDense(handle_.get(), array_of(rows).c_str(), kProbabilities, nullptr,
                                             &shape, &dimensions, &values);
  if (auto predicted = checked(code, "predicting"); !predicted) return propagate(predicted);
  std::size_t count = 1;
  for (bst_ulong d = 0; d < dimensions; ++d) count *= shape[d];
  return std::vector<float>(values, values + count);
}

Result<std::string> Booster::save() {
  const char* bytes = nullptr;
  bst_ulong length = 0;
  const int code = XGBoosterSaveModelToBuffer(handle_.get(), R"({"format":"ubj"})", &length, &bytes);
  if (auto saved = checked(code, "saving the model"); !saved) return propagate(saved);
  return std::string(bytes, length);
}

}  // namespace pawl::models
