#include "store/backends/sqlite_events.h"

namespace pawl::store::sqlite {

Events::Events(Session& session)
    : session_(session),
      insert_(session.db(), "INSERT INTO events (known_at, kind, line, payload) VALUES (?1, ?2, ?3, ?4)"),
      read_(session.db(),
            "SELECT seq, known_at, kind, line, payload FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2"),
      read_kind_(session.db(),
                 "SELECT seq, known_at, kind, line, payload FROM events WHERE seq > ?1 AND kind = ?3 "
                 "ORDER BY seq LIMIT ?2"),
      last_(session.db(), "SELECT coalesce(max(seq), 0) FROM events") {}

Result<std::int64_t> Events::append(const Event& event) {
  std::int64_t seq = 0;
  const Status appended = session_.append(1, [&]() -> Status {
    Status inserted = insert_.run(event.known_at, event.kind, event.line, event.payload);
    seq = session_.db().last_insert_id();
    return inserted;
  });
  if (!appended) return propagate(appended);
  return seq;
}

Result<std::vector<Event>> Events::read_after(std::int64_t cursor, std::size_t limit,
                                              std::string_view kind) const {
  std::vector<Event> events;
  Cursor row = kind.empty() ? read_.query(cursor, limit) : read_kind_.query(cursor, limit, kind);
  while (row.next()) {
    events.push_back({.ingest_seq = row.integer(0),
                      .known_at = row.integer(1),
                      .kind = row.text(2),
                      .line = row.text(3),
                      .payload = row.text(4)});
  }
  if (!row.status()) return propagate(row.status());
  return events;
}

Result<std::int64_t> Events::last_seq() const {
  Cursor row = last_.query();
  const std::int64_t seq = row.next() ? row.integer(0) : 0;
  if (!row.status()) return propagate(row.status());
  return seq;
}

}  // namespace pawl::store::sqlite
