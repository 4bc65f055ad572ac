#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

class Events final : public EventStore {
 public:
  explicit Events(Session& session);
  Result<std::int64_t> append(const Event& event) override;
  Result<std::vector<Event>> read_after(std::int64_t cursor, std::size_t limit,
                                        std::string_view kind) const override;
  Result<std::int64_t> last_seq() const override;

 private:
  Session& session_;
  mutable Statement insert_, read_, read_kind_, last_;
};

}  // namespace pawl::store::sqlite
