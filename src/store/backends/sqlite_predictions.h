#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

class Predictions final : public PredictionStore {
 public:
  explicit Predictions(Session& session);
  Result<std::int64_t> append(const Prediction& prediction) override;
  Result<std::vector<Prediction>> read_after(std::int64_t cursor, std::size_t limit,
                                             std::string_view line) const override;
  Result<std::int64_t> count(std::string_view line) const override;

 private:
  Session& session_;
  mutable Statement insert_, read_, read_line_, count_, count_line_;
};

}  // namespace pawl::store::sqlite
