#include "xgboost_peer.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <utility>

namespace pawl::bench {

namespace {

Status checked(int code) {
  if (code == 0) return {};
  return fail(ErrorCode::internal, "xgboost: {}", XGBGetLastError());
}

std::string array_of(const float* values, std::size_t rows, std::size_t columns) {
  return fmt::format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})",
                     reinterpret_cast<std::uintptr_t>(values), rows, columns);
}

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

struct FreeMatrix {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
using MatrixOwner = std::unique_ptr<void, FreeMatrix>;

Result<MatrixOwner> binned(const PeerRows& rows, const models::BoostSettings& settings) {
  DMatrixHandle handle = nullptr;
  if (Status made = checked(XGProxyDMatrixCreate(&handle)); !made) return propagate(made);
  const MatrixOwner proxy(handle);
  OneBatch batch{handle, array_of(rows.values.data(), rows.rows(), rows.columns), false};
  const std::string config =
      fmt::format(R"({{"missing":NaN,"nthread":{},"max_bin":{}}})", settings.threads, settings.max_bins);
  handle = nullptr;
  if (Status made = checked(XGQuantileDMatrixCreateFromCallback(&batch, proxy.get(), nullptr, rewind_batch,
                                                                next_batch, config.c_str(), &handle));
      !made) {
    return propagate(made);
  }
  MatrixOwner matrix(handle);
  if (Status set = checked(XGDMatrixSetFloatInfo(handle, "label", rows.labels.data(), rows.labels.size()));
      !set) {
    return propagate(set);
  }
  return matrix;
}

}  // namespace

void PeerBooster::Free::operator()(void* handle) const {
  XGBoosterFree(handle);
}

Result<PeerBooster> PeerBooster::train(const PeerRows& rows, const models::BoostSettings& settings,
                                       int rounds) {
  auto matrix = binned(rows, settings);
  if (!matrix) return propagate(matrix);
  const DMatrixHandle train = matrix->get();
  BoosterHandle handle = nullptr;
  if (Status made = checked(XGBoosterCreate(&train, 1, &handle)); !made) return propagate(made);
  PeerBooster booster(handle);
  const std::vector<std::pair<const char*, std::string>> parameters = {
      {"verbosity", "0"},
      {"nthread", fmt::format("{}", settings.threads)},
      {"booster", "gbtree"},
      {"tree_method", "hist"},
      {"base_score", "0.5"},
      {"max_depth", fmt::format("{}", settings.depth)},
      {"eta", fmt::format("{}", settings.learning_rate)},
      {"subsample", fmt::format("{}", settings.subsample)},
      {"colsample_bytree", fmt::format("{}", settings.column_share)},
      {"min_child_weight", fmt::format("{}", settings.min_child_weight)},
      {"lambda", fmt::format("{}", settings.l2)},
      {"max_bin", fmt::format("{}", settings.max_bins)},
      {"seed", fmt::format("{}", settings.seed)},
      {"seed_per_iteration", "1"},
      {"objective", "binary:logistic"}};
  for (const auto& [name, value] : parameters) {
    if (Status set = checked(XGBoosterSetParam(handle, name, value.c_str())); !set) return propagate(set);
  }
  for (int round = 0; round < rounds; ++round) {
    if (Status grown = checked(XGBoosterUpdateOneIter(handle, round, train)); !grown) return propagate(grown);
  }
  return booster;
}

Result<PeerBooster> PeerBooster::load(std::string_view ubj) {
  BoosterHandle handle = nullptr;
  if (Status made = checked(XGBoosterCreate(nullptr, 0, &handle)); !made) return propagate(made);
  PeerBooster booster(handle);
  if (Status set = checked(XGBoosterSetParam(handle, "nthread", "1")); !set) return propagate(set);
  if (Status loaded = checked(XGBoosterLoadModelFromBuffer(handle, ubj.data(), ubj.size())); !loaded) {
    return propagate(loaded);
  }
  return booster;
}

Result<std::string> PeerBooster::save() {
  const char* bytes = nullptr;
  bst_ulong length = 0;
  const int code = XGBoosterSaveModelToBuffer(handle_.get(), R"({"format":"ubj"})", &length, &bytes);
  if (Status saved = checked(code); !saved) return propagate(saved);
  return std::string(bytes, length);
}

Status PeerBooster::predict(std::span<const float> values, std::size_t rows, std::size_t columns,
                            std::span<float> out) {
  static constexpr const char* kConfig =
      R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true,"missing":NaN,)"
      R"("cache_id":0})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* found = nullptr;
  const int code = XGBoosterPredictFromDense(handle_.get(), array_of(values.data(), rows, columns).c_str(),
                                             kConfig, nullptr, &shape, &dimensions, &found);
  if (Status predicted = checked(code); !predicted) return predicted;
  std::copy_n(found, out.size(), out.begin());
  return {};
}

}  // namespace pawl::bench
