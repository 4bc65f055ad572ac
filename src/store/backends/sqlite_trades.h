#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

class Trades final : public TradeStore {
 public:
  explicit Trades(Session& session);
  Result<std::int64_t> open(const Trade& trade) override;
  Status close(const LineId& line, const TradeClose& close) override;
  Result<std::optional<Trade>> find(const LineId& line, std::string_view id) const override;
  Result<std::vector<Trade>> read_after(std::int64_t cursor, std::size_t limit,
                                        std::string_view line) const override;
  Result<std::vector<Trade>> closed(const LineId& line) const override;
  Result<std::int64_t> count(std::string_view line) const override;

 private:
  Session& session_;
  mutable Statement insert_, close_, find_, read_, read_line_, closed_, count_, count_line_;
};

}  // namespace pawl::store::sqlite
