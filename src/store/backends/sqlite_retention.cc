#include "store/backends/sqlite_retention.h"

#include <system_error>

namespace pawl::store::sqlite {
namespace {

// Rowids count on from the largest one: the newest row stays.
constexpr std::string_view kEvents =
    "DELETE FROM events WHERE known_at < ?1 AND seq < (SELECT max(seq) FROM events)";
constexpr std::string_view kPredictions =
    "DELETE FROM predictions WHERE known_at < ?1 AND id < (SELECT max(id) FROM predictions) "
    "AND id IN (SELECT prediction_id FROM outcomes)";
constexpr std::string_view kOutcomes =
    "DELETE FROM outcomes WHERE prediction_id NOT IN (SELECT id FROM predictions)";

template <class... Args>
Status remove(Connection& db, std::string_view sql, std::int64_t& rows, const Args&... args) {
  Statement statement(db, sql);
  if (Status done = statement.run(args...); !done) return done;
  const auto changed = db.integer("SELECT changes()");
  if (!changed) return propagate(changed);
  rows = *changed;
  return {};
}

std::int64_t size_on_disk(const Path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

Result<PruneReport> prune(Session& session, TimeMs events_before, TimeMs predictions_before) {
  Connection& db = session.db();
  PruneReport report;
  const Status pruned = session.transaction([&]() -> Status {
    if (Status done = remove(db, kEvents, report.events, events_before); !done) return done;
    // Which predictions were scored is known from their outcomes, so these go last, against the foreign key
    // until the transaction ends.
    if (Status later = db.execute("PRAGMA defer_foreign_keys=ON"); !later) return later;
    if (Status done = remove(db, kPredictions, report.predictions, predictions_before); !done) return done;
    if (report.predictions == 0) return {};
    return remove(db, kOutcomes, report.outcomes);
  });
  if (!pruned) return propagate(pruned);
  return report;
}

Result<StoreSizes> sizes(Connection& db) {
  StoreSizes sizes;
  Statement tables(db,
                   "SELECT s.tbl_name, sum(d.pgsize) FROM dbstat AS d JOIN sqlite_schema AS s "
                   "ON s.name = d.name WHERE d.aggregate = TRUE GROUP BY s.tbl_name ORDER BY s.tbl_name");
  {
    Cursor row = tables.query();
    while (row.next()) sizes.tables.push_back({.name = row.text(0), .rows = 0, .bytes = row.integer(1)});
    if (!row.status()) return propagate(row.status());
  }
  for (StoreSizes::Table& table : sizes.tables) {
    const auto rows = db.integer(fmt::format("SELECT count(*) FROM {}", table.name));
    if (!rows) return propagate(rows);
    table.rows = *rows;
  }
  const auto page = db.integer("PRAGMA page_size");
  if (!page) return propagate(page);
  const auto free = db.integer("PRAGMA freelist_count");
  if (!free) return propagate(free);
  sizes.free_bytes = *free * *page;
  if (db.in_memory()) {
    const auto pages = db.integer("PRAGMA page_count");
    if (!pages) return propagate(pages);
    sizes.file_bytes = *pages * *page;
  } else {
    Path log = db.file();
    log += "-wal";
    sizes.file_bytes = size_on_disk(db.file()) + size_on_disk(log);
  }
  return sizes;
}

}  // namespace pawl::store::sqlite
