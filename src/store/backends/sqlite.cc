// The embedded store: one SQLite file in write-ahead-log mode. sqlite_session.h says what is durable when.
#include <memory>
#include <system_error>

#include "store/backends/sqlite_bars.h"
#include "store/backends/sqlite_events.h"
#include "store/backends/sqlite_migrations.h"
#include "store/backends/sqlite_outcomes.h"
#include "store/backends/sqlite_predictions.h"
#include "store/backends/sqlite_retention.h"
#include "store/backends/sqlite_runs.h"
#include "store/backends/sqlite_session.h"
#include "store/backends/sqlite_trades.h"
#include "store/backends/sqlite_versions.h"
#include "store/store.h"

namespace pawl::store {
namespace sqlite {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<Connection> db, const SqliteOptions& options)
      : session_(std::move(db), options.group_rows, options.power_safe && !options.file.empty()),
        bars_(session_),
        events_(session_),
        predictions_(session_),
        outcomes_(session_),
        trades_(session_),
        runs_(session_),
        versions_(session_),
        set_meta_(session_.db(),
                  "INSERT INTO meta (key, value) VALUES (?1, ?2) "
                  "ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
        meta_(session_.db(), "SELECT value FROM meta WHERE key = ?1") {}

  BarStore& bars() override { return bars_; }
  EventStore& events() override { return events_; }
  PredictionStore& predictions() override { return predictions_; }
  OutcomeStore& outcomes() override { return outcomes_; }
  TradeStore& trades() override { return trades_; }
  RunStore& runs() override { return runs_; }
  VersionStore& versions() override { return versions_; }

  Status set_meta(std::string_view key, std::string_view value) override {
    return session_.transaction([&] { return set_meta_.run(key, value); });
  }
  Result<std::optional<std::string>> meta(std::string_view key) const override {
    Cursor row = meta_.query(key);
    std::optional<std::string> value;
    if (row.next()) value = row.text(0);
    if (!row.status()) return propagate(row.status());
    return value;
  }
  Status transaction(const std::function<Status()>& work) override { return session_.transaction(work); }
  Result<PruneReport> prune(TimeMs events_before, TimeMs predictions_before) override {
    return sqlite::prune(session_, events_before, predictions_before);
  }
  Result<StoreSizes> sizes() override { return sqlite::sizes(session_.db()); }
  Status flush() override { return session_.flush(); }

 private:
  Session session_;  // first: the rest keep statements of its connection
  Bars bars_;
  Events events_;
  Predictions predictions_;
  Outcomes outcomes_;
  Trades trades_;
  Runs runs_;
  Versions versions_;
  Statement set_meta_;
  mutable Statement meta_;
};

// The log is folded into the file every 16 MB rather than SQLite's 4: each time costs two fsyncs.
constexpr const char* kWriterPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000";
constexpr const char* kPragmas =
    "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-96000; PRAGMA trusted_schema=OFF";

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options) {
  std::error_code ignored;
  const bool made = !options.file.empty() && !std::filesystem::exists(options.file, ignored);
  auto db = sqlite::Connection::open(options.file, options.vfs, options.read_only);
  if (!db) return propagate(db);
  sqlite::Connection& connection = **db;
  if (Status set = connection.execute(sqlite::kPragmas); !set) return propagate(set);
  // First of all, so that a stranger's file stays as it is.
  if (Status ours = sqlite::check_schema(connection, sqlite::migrations()); !ours) return propagate(ours);
  if (!options.read_only) {
    if (Status set = connection.execute(sqlite::kWriterPragmas); !set) return propagate(set);
  }
  if (Status migrated = sqlite::migrate(connection, sqlite::migrations()); !migrated) {
    return propagate(migrated);
  }
  if (made) {
    // SQLite fsyncs the file, not the folder's entry of it.
    const Path folder = std::filesystem::absolute(options.file).parent_path();
    if (Status synced = RealFileSystem().sync(folder); !synced) return propagate(synced);
  }
  return std::make_unique<sqlite::SqliteStore>(std::move(*db), options);
}

}  // namespace pawl::store
