#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

class Outcomes final : public OutcomeStore {
 public:
  explicit Outcomes(Session& session);
  Status append(const Outcome& outcome) override;
  Result<std::vector<Outcome>> read_after(std::int64_t prediction_cursor, std::size_t limit,
                                          std::string_view line) const override;
  Result<std::int64_t> count(std::string_view line) const override;

 private:
  Status insert(const Outcome& outcome);

  Session& session_;
  mutable Statement insert_, find_, prediction_, read_, read_line_, count_, count_line_;
};

}  // namespace pawl::store::sqlite
