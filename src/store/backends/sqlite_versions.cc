#include "store/backends/sqlite_versions.h"

namespace pawl::store::sqlite {
namespace {

// Columns: line, number, folder, content_hash, known_at, run_id, model_kind, has_serving, refused.
VersionRow version_of(const Cursor& row) {
  return {.line = row.text(0),
          .number = {row.integer(1)},
          .folder = row.text(2),
          .content_hash = row.text(3),
          .known_at = row.integer(4),
          .run_id = row.integer(5),
          .model_kind = row.text(6),
          .has_serving = row.integer(7) != 0,
          .refused = row.text(8)};
}

std::string words(const std::optional<VersionNumber>& version) {
  return version ? version->text() : "none";
}

}  // namespace

Versions::Versions(Session& session)
    : session_(session),
      insert_(session.db(),
              "INSERT INTO versions (line, number, folder, content_hash, known_at, run_id, model_kind, "
              "has_serving, refused) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      refuse_(session.db(), "UPDATE versions SET refused = ?3 WHERE line = ?1 AND number = ?2"),
      serve_(session.db(),
             "UPDATE versions SET has_serving = 1, folder = ?3, content_hash = ?4 "
             "WHERE line = ?1 AND number = ?2"),
      find_(session.db(),
            "SELECT line, number, folder, content_hash, known_at, run_id, model_kind, has_serving, refused "
            "FROM versions WHERE line = ?1 AND number = ?2"),
      list_(session.db(),
            "SELECT line, number, folder, content_hash, known_at, run_id, model_kind, has_serving, refused "
            "FROM versions ORDER BY line, number"),
      list_line_(session.db(),
                 "SELECT line, number, folder, content_hash, known_at, run_id, model_kind, has_serving, "
                 "refused FROM versions WHERE line = ?1 ORDER BY number"),
      next_(session.db(), "SELECT coalesce(max(number) + 1, 0) FROM versions WHERE line = ?1"),
      champion_(session.db(), "SELECT version FROM champions WHERE line = ?1"),
      move_(session.db(),
            "INSERT INTO champions (line, version) VALUES (?1, ?2) "
            "ON CONFLICT (line) DO UPDATE SET version = excluded.version"),
      log_(session.db(),
           "INSERT INTO promotions (line, from_version, to_version, at, actor, action, reason, "
           "evidence_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      promotions_(session.db(),
                  "SELECT id, line, from_version, to_version, at, actor, action, reason, evidence_hash "
                  "FROM promotions ORDER BY id"),
      promotions_line_(session.db(),
                       "SELECT id, line, from_version, to_version, at, actor, action, reason, evidence_hash "
                       "FROM promotions WHERE line = ?1 ORDER BY id"),
      set_hold_(session.db(),
                "INSERT INTO holds (line, held, until) VALUES (?1, ?2, ?3) "
                "ON CONFLICT (line) DO UPDATE SET held = excluded.held, until = excluded.until"),
      hold_(session.db(), "SELECT held, until FROM holds WHERE line = ?1") {}

Status Versions::add(const VersionRow& row) {
  return session_.transaction([&]() -> Status {
    const auto there = find(row.line, row.number);
    if (!there) return propagate(there);
    if (*there) return fail(ErrorCode::conflict, "{} has a {} already", row.line, row.number.text());
    return insert_.run(row.line, row.number.value, row.folder, row.content_hash, row.known_at, row.run_id,
                       row.model_kind, row.has_serving, row.refused);
  });
}

Status Versions::require(const LineId& line, VersionNumber number) const {
  const auto there = find(line, number);
  if (!there) return propagate(there);
  if (!*there) return fail(ErrorCode::not_found, "{} has no {}", line, number.text());
  return {};
}

Status Versions::set_refused(const LineId& line, VersionNumber number, std::string_view why) {
  return session_.transaction([&]() -> Status {
    if (Status there = require(line, number); !there) return there;
    return refuse_.run(line, number.value, why);
  });
}

Status Versions::set_serving(const LineId& line, VersionNumber number, std::string_view folder,
                             std::string_view content_hash) {
  return session_.transaction([&]() -> Status {
    if (Status there = require(line, number); !there) return there;
    return serve_.run(line, number.value, folder, content_hash);
  });
}

Result<std::optional<VersionRow>> Versions::find(const LineId& line, VersionNumber number) const {
  Cursor row = find_.query(line, number.value);
  std::optional<VersionRow> found;
  if (row.next()) found = version_of(row);
  if (!row.status()) return propagate(row.status());
  return found;
}

Result<std::vector<VersionRow>> Versions::list(std::string_view line) const {
  std::vector<VersionRow> versions;
  Cursor row = line.empty() ? list_.query() : list_line_.query(line);
  while (row.next()) versions.push_back(version_of(row));
  if (!row.status()) return propagate(row.status());
  return versions;
}

Result<VersionNumber> Versions::next_number(const LineId& line) const {
  Cursor row = next_.query(line);
  const VersionNumber next{row.next() ? row.integer(0) : 0};
  if (!row.status()) return propagate(row.status());
  return next;
}

Result<std::optional<VersionNumber>> Versions::champion(const LineId& line) const {
  Cursor row = champion_.query(line);
  std::optional<VersionNumber> champion;
  if (row.next()) champion = VersionNumber{row.integer(0)};
  if (!row.status()) return propagate(row.status());
  return champion;
}

Status Versions::promote(std::span<const PromotionRow> rows) {
  return session_.transaction([&]() -> Status {
    for (const PromotionRow& row : rows) {
      if (Status moved = promote_one(row); !moved) return moved;
    }
    return {};
  });
}

Status Versions::promote_one(const PromotionRow& row) {
  if (Status there = require(row.line, row.to); !there) return there;
  const auto present = champion(row.line);
  if (!present) return propagate(present);
  if (*present != row.from) {
    return fail(ErrorCode::conflict,
                "the champion of {} is {}, not {} as expected: somebody else moved it first; judge again",
                row.line, words(*present), words(row.from));
  }
  if (Status moved = move_.run(row.line, row.to.value); !moved) return moved;
  std::optional<std::int64_t> from;
  if (row.from) from = row.from->value;
  return log_.run(row.line, from, row.to.value, row.at, row.actor, row.action, row.reason, row.evidence_hash);
}

Result<std::vector<PromotionRow>> Versions::promotions(std::string_view line) const {
  std::vector<PromotionRow> promotions;
  Cursor row = line.empty() ? promotions_.query() : promotions_line_.query(line);
  while (row.next()) {
    PromotionRow promotion{.id = row.integer(0),
                           .line = row.text(1),
                           .from = std::nullopt,
                           .to = {row.integer(3)},
                           .at = row.integer(4),
                           .actor = row.text(5),
                           .action = row.text(6),
                           .reason = row.text(7),
                           .evidence_hash = row.text(8)};
    if (const auto from = row.optional_integer(2)) promotion.from = VersionNumber{*from};
    promotions.push_back(std::move(promotion));
  }
  if (!row.status()) return propagate(row.status());
  return promotions;
}

Status Versions::set_hold(const LineId& line, std::optional<TimeMs> until, bool held) {
  return session_.transaction([&] { return set_hold_.run(line, held, until); });
}

Result<VersionStore::Hold> Versions::hold(const LineId& line) const {
  Cursor row = hold_.query(line);
  Hold hold;
  if (row.next()) hold = {row.integer(0) != 0, row.optional_integer(1)};
  if (!row.status()) return propagate(row.status());
  return hold;
}

}  // namespace pawl::store::sqlite
