#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

class Runs final : public RunStore {
 public:
  explicit Runs(Session& session);
  Result<std::int64_t> begin(const RunRecord& run) override;
  Status update(const RunRecord& run) override;
  Result<std::optional<RunRecord>> find(std::int64_t id) const override;
  Result<std::vector<RunRecord>> list(std::string_view line) const override;

 private:
  Session& session_;
  mutable Statement insert_, update_, find_, list_, list_line_;
};

}  // namespace pawl::store::sqlite
