#include "store/backends/sqlite_migrations.h"
#include "store/check.h"

namespace pawl::store {

Result<StoreCheck> check_sqlite(const Path& file) {
  auto db = sqlite::Connection::open(file, {}, true);
  if (!db) return propagate(db);
  const auto steps = sqlite::migrations();
  if (Status ours = sqlite::check_schema(**db, steps); !ours) return propagate(ours);
  sqlite::Statement check(**db, "PRAGMA quick_check(1)");
  sqlite::Cursor rows = check.query();
  const std::string answer = rows.next() ? rows.text(0) : std::string();
  if (!rows.status()) return propagate(rows.status());
  if (answer != "ok") {
    return fail(ErrorCode::corrupt, "{}: {}; restore a backup of it", file.string(), answer);
  }
  const auto version = (*db)->integer("PRAGMA user_version");
  if (!version) return propagate(version);
  return StoreCheck{*version, steps.back().version};
}

}  // namespace pawl::store
