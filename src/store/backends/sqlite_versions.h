#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

class Versions final : public VersionStore {
 public:
  explicit Versions(Session& session);
  Status add(const VersionRow& row) override;
  Status set_refused(const LineId& line, VersionNumber number, std::string_view why) override;
  Status set_serving(const LineId& line, VersionNumber number, std::string_view folder,
                     std::string_view content_hash) override;
  Result<std::optional<VersionRow>> find(const LineId& line, VersionNumber number) const override;
  Result<std::vector<VersionRow>> list(std::string_view line) const override;
  Result<VersionNumber> next_number(const LineId& line) const override;
  Result<std::optional<VersionNumber>> champion(const LineId& line) const override;
  Status promote(std::span<const PromotionRow> rows) override;
  Result<std::vector<PromotionRow>> promotions(std::string_view line) const override;
  Status set_hold(const LineId& line, std::optional<TimeMs> until, bool held) override;
  Result<Hold> hold(const LineId& line) const override;

 private:
  Status promote_one(const PromotionRow& row);
  Status require(const LineId& line, VersionNumber number) const;

  Session& session_;
  mutable Statement insert_, refuse_, serve_, find_, list_, list_line_, next_, champion_, move_, log_,
      promotions_, promotions_line_, set_hold_, hold_;
};

}  // namespace pawl::store::sqlite
