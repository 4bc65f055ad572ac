// XGBoost as a program without pawl would call it, straight through its C interface: what our own times stand
// beside. Rows are float, missing values NaN.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/kinds/xgboost_library.h"

namespace pawl::bench {

struct PeerRows {
  std::vector<float> values, labels;
  std::size_t columns = 0;
  std::size_t rows() const { return labels.size(); }
};

class PeerBooster {
 public:
  // A binned matrix made of the rows, and `rounds` boosting rounds on it: the library's own training calls
  // and nothing else.
  static Result<PeerBooster> train(const PeerRows& rows, const models::BoostSettings& settings, int rounds);
  static Result<PeerBooster> load(std::string_view ubj);

  Result<std::string> save();  // UBJ
  // In place, without a matrix: the library's fastest way. One value a row.
  Status predict(std::span<const float> values, std::size_t rows, std::size_t columns, std::span<float> out);

 private:
  struct Free {
    void operator()(void* handle) const;
  };
  explicit PeerBooster(void* handle) : handle_(handle) {}
  std::unique_ptr<void, Free> handle_;
};

}  // namespace pawl::bench
