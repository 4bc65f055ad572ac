// What serves: promotion, rollback, holds.
#include <set>

#include "registry/registry.h"

namespace pawl::registry {
namespace {

// A person may move a line that holds; a run may not.
bool is_by_hand(std::string_view actor, std::string_view action) {
  return actor.starts_with("hand") || action == "force";
}

}  // namespace

Result<std::optional<VersionNumber>> Registry::champion(const LineId& line) const {
  return store_.versions().champion(line);
}

Result<Registry::Loaded> Registry::prove_servable(const LineId& line, VersionNumber number) {
  const auto row = row_of(line, number);
  if (!row) return propagate(row);
  if (!row->refused.empty()) {
    return fail(ErrorCode::corrupt, "{} {} was refused: {}", line, number.text(), row->refused);
  }
  if (!row->has_serving && row->model_kind != "rules") {
    return fail(ErrorCode::conflict, "{} {} has no serving artifact, as the gate kept it: refit it first",
                line, number.text());
  }
  return prove(*row);
}

Status Registry::promote(const std::vector<Promotion>& promotions, TimeMs at, std::string_view actor) {
  std::set<LineId> lines;
  std::vector<store::PromotionRow> rows;
  for (const Promotion& promotion : promotions) {
    if (!lines.insert(promotion.line).second) {
      return fail(ErrorCode::invalid_argument, "{} is to be promoted twice at once", promotion.line);
    }
    if (const auto proven = prove_servable(promotion.line, promotion.to); !proven) return propagate(proven);
    rows.push_back({.id = 0,
                    .line = promotion.line,
                    .from = promotion.expected,
                    .to = promotion.to,
                    .at = at,
                    .actor = std::string(actor),
                    .action = promotion.action,
                    .reason = promotion.reason,
                    .evidence_hash = promotion.evidence_hash});
  }
  return store_.transaction([&]() -> Status {
    for (const store::PromotionRow& row : rows) {
      const auto held = holds(row.line, at);
      if (!held) return propagate(held);
      if (*held && !is_by_hand(actor, row.action)) {
        return fail(ErrorCode::conflict,
                    "{} holds since it was rolled back by hand: release it, or promote by hand", row.line);
      }
    }
    return store_.versions().promote(rows);
  });
}

Result<std::optional<VersionNumber>> Registry::earlier_champion(const LineId& line, VersionNumber champion) {
  const auto log = store_.versions().promotions(line);
  if (!log) return propagate(log);
  // Backwards, each time to what served before the promotion that made the present one; a rollback made
  // nothing new, and following it would lead to the version that was rolled back.
  VersionNumber present = champion;
  for (auto row = log->rbegin(); row != log->rend(); ++row) {
    if (row->to != present || row->action == "rollback" || !row->from) continue;
    present = *row->from;
    if (present == champion) continue;
    const auto proven = prove_servable(line, present);
    if (proven) return present;
    if (proven.error().code == ErrorCode::io) return propagate(proven);
  }
  return std::nullopt;
}

Result<VersionNumber> Registry::roll_back(const LineId& line, std::optional<VersionNumber> to, TimeMs at,
                                          std::string_view actor, std::string_view reason,
                                          std::optional<TimeMs> hold_until) {
  const auto present = champion(line);
  if (!present) return propagate(present);
  if (!*present) return fail(ErrorCode::conflict, "{} has no champion to roll back from", line);
  if (to == *present) return fail(ErrorCode::conflict, "{} serves {} already", line, to->text());
  if (to) {
    if (const auto proven = prove_servable(line, *to); !proven) return propagate(proven);
  } else {
    const auto earlier = earlier_champion(line, **present);
    if (!earlier) return propagate(earlier);
    if (!*earlier) {
      return fail(ErrorCode::conflict, "{} has no earlier champion than {}", line, (*present)->text());
    }
    to = *earlier;
  }
  const store::PromotionRow row{.id = 0,
                                .line = line,
                                .from = *present,
                                .to = *to,
                                .at = at,
                                .actor = std::string(actor),
                                .action = "rollback",
                                .reason = std::string(reason),
                                .evidence_hash = {}};
  const Status moved = store_.transaction([&]() -> Status {
    if (Status promoted = store_.versions().promote({&row, 1}); !promoted) return promoted;
    return store_.versions().set_hold(line, hold_until, true);
  });
  if (!moved) return propagate(moved);
  return *to;
}

Status Registry::release(const LineId& line) {
  return store_.versions().set_hold(line, std::nullopt, false);
}

Result<bool> Registry::holds(const LineId& line, TimeMs now) const {
  const auto hold = store_.versions().hold(line);
  if (!hold) return propagate(hold);
  return hold->held && (!hold->until || now < *hold->until);
}

}  // namespace pawl::registry
